import asyncio
from pathlib import Path

import pytest

from cairn.entrypoints import children
from cairn.entrypoints.children import BoundedLog, Child, keep_running


class Crashing:
    """A process that ends at once, until it has been started `most` times."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.starts = 0
        self.pauses: list[float] = []
        self.enough = asyncio.Event()

    async def wait(self) -> int:
        if self.starts == self.most:
            self.enough.set()
            await asyncio.Event().wait()
        return 9

    async def start(self) -> None:
        self.starts += 1

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def keep(self) -> None:
        path = Path("server.log")
        keeper = asyncio.create_task(
            keep_running("server", wait=self.wait, start=self.start, log=path, sleep=self.sleep)
        )
        await asyncio.wait_for(self.enough.wait(), 10)
        keeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeper


async def test_a_process_that_does_not_stay_up_is_tried_ever_more_slowly(caplog: pytest.LogCaptureFixture) -> None:
    process = Crashing(most=2000)
    await process.keep()
    assert process.pauses[:4] == [0.2, 0.4, 0.8, 1.6]
    assert set(process.pauses[8:]) == {30.0}
    assert "The server process ended with exit code 9; starting it again in 0.2 s." in caplog.text
    assert "server.log" in caplog.text


async def test_a_process_that_stayed_up_long_enough_comes_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_STEADY_SECONDS", -1.0)
    process = Crashing(most=20)
    await process.keep()
    assert set(process.pauses) == {0.2}


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
