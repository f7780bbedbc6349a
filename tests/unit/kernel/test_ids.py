import os
import time
import uuid

from cairn.kernel.ids import parse_uuid, uuid7


def test_ids_carry_their_time_and_version_and_sort_by_it() -> None:
    before = time.time_ns() // 1_000_000
    ids = [uuid7() for _ in range(100)]
    after = time.time_ns() // 1_000_000
    assert {id_.version for id_ in ids} == {7}
    assert {id_.variant for id_ in ids} == {uuid.RFC_4122}
    assert all(before <= id_.int >> 80 <= after for id_ in ids)
    assert len(set(ids)) == 100


def test_text_that_spells_no_id_is_none() -> None:
    id_ = uuid7()
    assert parse_uuid(str(id_)) == id_
    assert parse_uuid("ADR-0001") is None


def test_a_copy_of_the_process_gives_out_other_ids() -> None:
    uuid7()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, b"".join(uuid7().bytes[6:] for _ in range(50)))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read_end, 500)
    os.close(read_end)
    os.close(write_end)
    ours = {uuid7().bytes[6:] for _ in range(50)}
    assert len(theirs) == 500
    assert not ours & {theirs[at : at + 10] for at in range(0, 500, 10)}
