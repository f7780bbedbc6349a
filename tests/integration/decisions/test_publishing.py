"""Public pages, as strangers read them: what is published and nothing else."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.command import run_cairn
from support.server import client_of, run_server
from support.tenants import create_person, create_tenant

from cairn.gen.cairn.decisions.v1 import decisions_pb as decisions
from cairn.gen.cairn.decisions.v1 import publishing_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.publishing_connect import PublishingServiceClient
from cairn.kernel.identity import Role
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token

SECRET = "Heliotrope"
Status = decisions.Status


@dataclass
class Answer:
    status: int
    text: str
    body: bytes
    headers: dict[str, str]


class House:
    """An organisation with a log, and strangers at its door."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self.token = token
        self.records = client_of(DecisionsServiceClient, address, token)
        self.public = client_of(PublishingServiceClient, address, token)
        self.slug = f"log-{uuid4().hex[:8]}"
        self.log_id = ""

    async def open(self) -> "House":
        made = await self.records.create_log(decisions.CreateLogRequest(slug=self.slug, name="Open decisions"))
        self.log_id = made.log.id
        return self

    async def write(self, title: str, body: str = "Text.", status: Status = Status.ACCEPTED, **fields: Any) -> Any:
        content = decisions.Content(title=title, status=status, body=body, **fields)
        made = await self.records.create_decision(decisions.CreateDecisionRequest(log_id=self.log_id, content=content))
        return made.decision.summary

    async def rewrite(self, summary: Any, title: str, body: str, status: Status = Status.ACCEPTED) -> Any:
        content = decisions.Content(title=title, status=status, body=body)
        request = decisions.UpdateDecisionRequest(id=summary.id, expected_version=summary.version, content=content)
        return (await self.records.update_decision(request)).decision.summary

    async def publish(self, **how: Any) -> pb.Publication:
        return (await self.public.publish_log(pb.PublishLogRequest(log_id=self.log_id, **how))).publication

    async def publish_one(self, summary: Any, version: int = 0) -> pb.Publication:
        request = pb.PublishDecisionRequest(decision_id=summary.id, version=version)
        return (await self.public.publish_decision(request)).publication

    async def read(self, path: str, method: str = "GET", **headers: str) -> Answer:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.address}{path}", headers=headers) as answer,
        ):
            body = await answer.read()
            sent = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, body.decode("utf-8", "replace"), body, sent)

    async def read_everything(self, name: str) -> list[Answer]:
        """Everything that strangers can ask for where this log and a record of it would stand."""
        base = f"/public/{self.slug}"
        below = ["", ".md", ".json", ".png"]
        paths = [base, f"{base}.png", f"{base}/feed.xml", f"{base}/sitemap.xml", "/sitemap.xml", f"{base}?page=2"]
        return [await self.read(path) for path in [*paths, *(f"{base}/{name}{suffix}" for suffix in below)]]

    async def leaks(self, name: str, words: str = SECRET) -> bool:
        return any(words in answer.text for answer in await self.read_everything(name))


@pytest.fixture
async def house(address: str) -> House:
    return await House(address).open()


async def test_a_published_log_shows_its_decided_records_to_anybody(house: House) -> None:
    first = await house.write("Queue the mail", "## Decision\n\nMail is queued.\n", tags=["mail"], deciders=["Ada"])
    second = await house.write("Poll the mail", "See [the queue](ADR-0001).", Status.REJECTED)
    assert (await house.read(f"/public/{house.slug}")).status == 404
    published = await house.publish(whole=True)
    assert (published.path, published.record_count) == (f"/public/{house.slug}", 2)
    index = await house.read(published.path)
    assert index.status == 200
    assert first.title in index.text
    assert second.title in index.text
    page = await house.read(f"{published.path}/adr-0001")
    assert page.status == 200
    url = f"{house.address}{published.path}/adr-0001"
    for part in (
        f'<link rel="canonical" href="{url}">',
        '<meta name="description" content="Mail is queued.">',
        f'<meta property="og:image" content="{url}.png">',
        '<script type="application/ld+json">{"@context":"https://schema.org"',
        "<h1>Queue the mail</h1>",
        ">Decision</h2>",
        ">Accepted</span>",
    ):
        assert part in page.text, part
    assert page.text.count("<script") == 1
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    picture = await house.read(f"{published.path}/adr-0001.png")
    assert (picture.headers["content-type"], picture.body[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert json.loads((await house.read(f"{published.path}/adr-0001.json")).text)["title"] == "Queue the mail"
    markdown = (await house.read(f"{published.path}/adr-0001.md")).text
    assert markdown.startswith("# ADR-0001: Queue the mail\n\n* Status: accepted\n")


async def test_the_feed_and_the_maps_are_well_formed(house: House) -> None:
    await house.write("Queue & <mail>")
    await house.publish(whole=True)
    feed = ET.fromstring((await house.read(f"/public/{house.slug}/feed.xml")).text)  # noqa: S314 - our own.
    atom = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{atom}title") for entry in feed.findall(f"{atom}entry")] == ["ADR-0001: Queue & <mail>"]
    site = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    of_log = ET.fromstring((await house.read(f"/public/{house.slug}/sitemap.xml")).text)  # noqa: S314 - as above.
    places = [one.findtext(f"{site}loc") for one in of_log]
    assert places == [f"{house.address}/public/{house.slug}", f"{house.address}/public/{house.slug}/adr-0001"]
    maps = ET.fromstring((await house.read("/sitemap.xml")).text)  # noqa: S314 - as above.
    assert f"{house.address}/public/{house.slug}/sitemap.xml" in [one.findtext(f"{site}loc") for one in maps]
    assert "Allow: /public/" in (await house.read("/robots.txt")).text


async def test_drafts_and_proposals_never_leak(house: House) -> None:
    await house.write("Seen", "In the open.")
    for status in (Status.DRAFT, Status.PROPOSED):
        hidden = await house.write(f"{SECRET} plan", f"{SECRET} text.", status, tags=[SECRET])
        await house.publish(whole=True)
        assert not await house.leaks(hidden.ref.lower())
    with pytest.raises(ConnectError) as refused:
        await house.publish_one(await house.write(f"{SECRET} draft", status=Status.DRAFT))
    assert refused.value.code is Code.FAILED_PRECONDITION


async def test_what_is_deleted_kept_back_or_withdrawn_is_gone_at_once(house: House) -> None:
    seen = await house.write(f"{SECRET} seen", f"{SECRET} text.")
    await house.write("Other")
    await house.publish(whole=True)
    assert await house.leaks("adr-0001")
    await house.public.withdraw_decision(pb.WithdrawDecisionRequest(decision_id=seen.id))
    assert not await house.leaks("adr-0001")
    await house.public.follow_log(pb.FollowLogRequest(decision_id=seen.id))
    assert await house.leaks("adr-0001")
    await house.records.delete_decision(decisions.DeleteDecisionRequest(id=seen.id))
    assert not await house.leaks("adr-0001")
    await house.records.restore_decision(decisions.RestoreDecisionRequest(id=seen.id))
    assert await house.leaks("adr-0001")
    await house.public.withdraw_log(pb.WithdrawLogRequest(log_id=house.log_id))
    assert not await house.leaks("adr-0001")
    assert {answer.status for answer in await house.read_everything("adr-0001")} == {200, 404}
    assert (await house.read(f"/public/{house.slug}")).status == 404


async def test_a_record_published_alone_is_held_at_its_version_and_brings_nothing_else(house: House) -> None:
    shown = await house.write("Shown", "As it was, see [the other](ADR-0002).")
    hidden = await house.write(f"{SECRET} neighbour", f"{SECRET} text.", Status.ACCEPTED)
    published = await house.publish_one(shown)
    assert (published.record_path, published.version, published.whole) == (f"/public/{house.slug}/adr-0001", 1, False)
    page = (await house.read(published.record_path)).text
    assert "As it was, see <a" in page
    assert 'href="ADR-0002"' not in page
    assert not await house.leaks(hidden.ref.lower())
    later = await house.rewrite(shown, f"{SECRET} title", f"{SECRET} addition.")
    assert not await house.leaks("adr-0001")
    again = await house.publish_one(later)
    assert again.version == 2
    assert await house.leaks("adr-0001")


async def test_of_a_whole_log_the_last_decided_version_is_shown(house: House) -> None:
    record = await house.write("Decided", "As decided.")
    await house.publish(whole=True)
    reopened = await house.rewrite(record, f"{SECRET} title", f"{SECRET} rewrite.", Status.PROPOSED)
    assert not await house.leaks("adr-0001")
    assert "As decided." in (await house.read(f"/public/{house.slug}/adr-0001")).text
    await house.rewrite(reopened, "Decided anew", "Anew.")
    assert "Decided anew" in (await house.read(f"/public/{house.slug}/adr-0001")).text


async def test_relations_to_records_that_are_not_public_never_leak(house: House) -> None:
    await house.write("Shown", "Old.", Status.ACCEPTED)
    await house.publish_one(await house.write("Also shown", "No links."))
    await house.write(f"{SECRET} successor", "Supersedes [the old](ADR-0001).\n\nSupersedes ADR-0001.")
    assert not await house.leaks("adr-0001")
    assert not await house.leaks("adr-0002")


async def test_a_withdrawn_log_comes_back_as_it_was_or_anew(house: House) -> None:
    chosen = await house.write("Chosen")
    await house.publish_one(chosen)
    await house.public.withdraw_log(pb.WithdrawLogRequest(log_id=house.log_id))
    assert (await house.publish(whole=False, as_it_was=True)).record_count == 1
    await house.public.withdraw_log(pb.WithdrawLogRequest(log_id=house.log_id))
    assert (await house.publish(whole=False)).record_count == 0
    assert (await house.read(f"/public/{house.slug}")).status == 404


async def test_a_page_that_has_not_changed_is_not_sent_again(house: House) -> None:
    record = await house.write("Cached", "Same.")
    await house.publish(whole=True)
    path = f"/public/{house.slug}/adr-0001"
    first = await house.read(path, **{"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"].startswith("public, max-age=60")
    again = await house.read(path, **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    head = await house.read(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    await house.rewrite(record, "Cached", "Other.")
    assert (await house.read(path, **{"If-None-Match": first.headers["etag"]})).status == 200
    assert (await house.read(path, method="POST")).status == 405


async def test_a_log_can_ask_search_engines_to_stay_away(house: House) -> None:
    await house.write("Quiet")
    await house.publish(whole=True, noindex=True)
    for path in (f"/public/{house.slug}", f"/public/{house.slug}/adr-0001"):
        page = await house.read(path)
        assert page.headers["x-robots-tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page.text
    assert house.slug not in (await house.read("/sitemap.xml")).text
    assert "adr-0001" not in (await house.read(f"/public/{house.slug}/sitemap.xml")).text


async def test_an_address_is_one_for_all_and_can_be_chosen(house: House) -> None:
    other = await House(house.address).open()
    chosen = f"open-{uuid4().hex[:8]}"
    assert (await house.publish(whole=True, address=chosen.upper())).path == f"/public/{chosen}"
    with pytest.raises(ConnectError) as taken:
        await other.publish(whole=True, address=chosen)
    assert taken.value.code is Code.ALREADY_EXISTS
    with pytest.raises(ConnectError) as wrong:
        await other.publish(whole=True, address="no spaces")
    assert wrong.value.code is Code.INVALID_ARGUMENT


@pytest.fixture
async def two_houses(database_urls: DatabaseUrls, database: Database, tmp_path: Path) -> AsyncIterator[list[House]]:
    a, b = await create_tenant(database, name="Northmoor"), await create_tenant(database, name=SECRET)
    author = await create_person(database, a.tenant_id, role=Role.AUTHOR)
    tokens = [await create_token(database, person, "test") for person in (a, b, author)]
    async with run_server(database_urls, tmp_path, local=False) as address:
        yield [
            await House(address, tokens[0]).open(),
            await House(address, tokens[1]).open(),
            House(address, tokens[2]),
        ]


async def test_organisations_stay_apart_also_in_public(two_houses: list[House]) -> None:
    ours, theirs, author = two_houses
    await ours.write("Ours", "Our text.")
    await theirs.write(f"{SECRET} theirs", f"{SECRET} text.")
    await ours.publish(whole=True)
    assert not await ours.leaks("adr-0001")
    assert "Northmoor" in (await ours.read(f"/public/{ours.slug}")).text
    await theirs.publish(whole=True)
    assert not await ours.leaks("adr-0001")
    assert (await theirs.read(f"/public/{theirs.slug}/adr-0001")).status == 200
    author.log_id = ours.log_id
    with pytest.raises(ConnectError) as refused:
        await author.publish(whole=True)
    assert refused.value.code is Code.PERMISSION_DENIED


async def test_the_commands_publish_and_take_back(house: House, tmp_path: Path) -> None:
    await house.write("Queue the mail")
    told = await run_cairn(house.address, tmp_path, "publish", "--log", house.slug, "--noindex")
    assert told.out == f"{house.address}/public/{house.slug}\nReaders see 1 record.\n", told.err
    one = await run_cairn(house.address, tmp_path, "publish", "1", "--log", house.slug, "--json")
    assert one.json["recordPath"] == f"/public/{house.slug}/adr-0001"
    back = await run_cairn(house.address, tmp_path, "unpublish", "1", "--log", house.slug)
    assert back.out == "1 is no longer public.\n"
    assert (await house.read(f"/public/{house.slug}/adr-0001")).status == 404
    gone = await run_cairn(house.address, tmp_path, "unpublish", "--log", house.slug)
    assert gone.code == 0
    again = await run_cairn(house.address, tmp_path, "unpublish", "--log", house.slug)
    assert (again.code, again.err) == (1, "Error: This log is not public.\n")
    assert (await run_cairn(house.address, tmp_path, "publish")).code == 2
