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
