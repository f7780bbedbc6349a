import asyncio
from pathlib import Path

import pytest

from cairn.entrypoints import children
from cairn.entrypoints.children import BoundedLog, Child, keep_running
from cairn.kernel.errors import Unavailable


async def test_a_process_that_does_not_stay_up_is_given_up_with_its_last_words() -> None:
    starts = 0

    async def end_at_once() -> int:
        return 9

    async def start() -> None:
        nonlocal starts
        starts += 1

    with pytest.raises(Unavailable, match=r"The server process does not stay up \(exit code 9\)\. It said why\."):
        await keep_running(
            "server", wait=end_at_once, start=start, complaint=lambda: "It said why.", pause_first_seconds=0
        )
    assert starts == 6


async def test_a_process_that_stayed_up_long_enough_may_end_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_STEADY_SECONDS", -1.0)
    ended = 0

    async def wait() -> int:
        nonlocal ended
        ended += 1
        if ended == 20:
            await asyncio.Event().wait()
        return 1

    async def start() -> None:
        if ended == 19:
            enough.set()

    enough = asyncio.Event()
    keeper = asyncio.create_task(keep_running("worker", wait=wait, start=start, complaint=str, pause_first_seconds=0))
    await asyncio.wait_for(enough.wait(), 10)
    keeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeper


def test_a_log_keeps_its_end_and_does_not_grow_without_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_LOG_BYTES_MOST", 1000)
    log = BoundedLog(tmp_path / "logs" / "server.log")
    for number in range(500):
        log.write(f"line {number}\n".encode())
    assert log.tail().splitlines()[-1] == "line 499"
    log.close()
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == ["server.log", "server.log.1"]
    assert all(file.stat().st_size < 1100 for file in files)


async def test_what_a_process_prints_is_in_its_log_when_it_has_ended(tmp_path: Path) -> None:
    (tmp_path / "speaker.py").write_text("print('to the end', flush=True)\nraise SystemExit(3)\n", encoding="utf-8")
    child = Child("speaker", "speaker", {"PYTHONPATH": str(tmp_path)}, tmp_path / "logs")
    assert await child.wait() == 0
    await child.start()
    assert await child.wait() == 3
    assert child.log.tail() == "to the end"
    child.log.close()
