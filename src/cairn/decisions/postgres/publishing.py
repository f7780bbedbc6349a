"""`ports.publishing` on Postgres, and what readers without an account are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from cairn.decisions.domain import Status
from cairn.decisions.domain.publishing import Chosen, PublicLog, PublicRecord, PublicSite, page_name, parse_page_name
from cairn.kernel.identity import Caller, Role
from cairn.platform.database import Connection, load_queries, savepoint

QUERIES: Any = load_queries("decisions", "publishing.sql")
# No person has this id, so no draft is theirs.
NOBODY = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class PublicLink:
    """Another record that readers may go to, and why it is named."""

    name: str
    ref: str
    title: str
    status: Status
    # For a link in the text: what the text writes. For a relation: its kind.
    why: str
    outward: bool = True


class PostgresPublishingStore:
    """`ports.publishing.PublishingStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get_public_log(self, log_id: UUID) -> PublicLog | None:
        """See the port."""
        row = await QUERIES.get_public_log(self._connection, log_id=log_id)
        return PublicLog(**row) if row else None

    async def put_public_log(self, log: PublicLog) -> bool:
        """See the port."""
        try:
            async with savepoint(self._connection):
                await QUERIES.put_public_log(
                    self._connection,
                    log_id=log.log_id,
                    address=log.address,
                    whole=log.whole,
                    indexed=log.indexed,
                    published_at=log.published_at,
                    withdrawn_at=log.withdrawn_at,
                )
        except asyncpg.UniqueViolationError:
            return False
        return True

    async def get_chosen(self, decision_id: UUID) -> Chosen | None:
        """See the port."""
        row = await QUERIES.get_chosen(self._connection, decision_id=decision_id)
        return Chosen(row["version"]) if row else None

    async def choose(self, decision_id: UUID, version: int | None, at: datetime) -> None:
        """See the port."""
        await QUERIES.choose(self._connection, decision_id=decision_id, version=version, at=at)

    async def forget_choice(self, decision_id: UUID) -> None:
        """See the port."""
        await QUERIES.forget_choice(self._connection, decision_id=decision_id)

    async def forget_choices(self, log_id: UUID) -> None:
        """See the port."""
        await QUERIES.forget_choices(self._connection, log_id=log_id)

    async def find_public(self, decision_id: UUID) -> PublicRecord | None:
        """See the port."""
        row = await QUERIES.find_public(self._connection, decision_id=decision_id)
        return _record(row) if row else None

    async def count_public(self, log_id: UUID) -> int:
        """See the port."""
        return await QUERIES.count_public(self._connection, log_id=log_id)


async def find_site(connection: Connection, address: str) -> PublicSite | None:
    """Return the public log under an address. Runs before the organisation is known."""
    await connection.execute("select set_config('app.role', 'public', true)")
    row = await QUERIES.find_site(connection, address=address)
    return PublicSite(**row) if row else None


async def list_sites(connection: Connection) -> list[PublicSite]:
    """Return the public logs that search engines are invited to. Runs before the organisation is known."""
    await connection.execute("select set_config('app.role', 'public', true)")
    return [PublicSite(**row) async for row in QUERIES.list_sites(connection)]


def reader_of(site: PublicSite) -> Caller:
    """Return somebody without an account who reads a public log."""
    return Caller(site.tenant_id, NOBODY, "", Role.PUBLIC)


class PublicReader:
    """What the readers of one public log are shown, inside a transaction of `reader_of` it."""

    def __init__(self, connection: Connection, log_id: UUID) -> None:
        self._connection = connection
        self._log_id = log_id

    async def get_names(self) -> tuple[str, str]:
        """Return the names of the organisation and the log."""
        row = await QUERIES.get_site_names(self._connection, log_id=self._log_id)
        return row["organisation"], row["log"]

    async def find_record(self, name: str) -> PublicRecord | None:
        """Return the record whose page has this name, with its text."""
        number, slug = parse_page_name(name)
        rows = QUERIES.read_record(self._connection, log_id=self._log_id, number=number, slug=slug)
        found = [_record(row) async for row in rows]
        return next((record for record in found if record.name == name), None)

    async def list_records(self, *, most: int, skipped: int) -> list[PublicRecord]:
        """Return one page of the records without their texts, highest numbers first."""
        rows = QUERIES.list_public(self._connection, log_id=self._log_id, most=most, skipped=skipped)
        return [_record(row) async for row in rows]

    async def count(self) -> int:
        """Return how many records readers see."""
        return await QUERIES.count_public(self._connection, log_id=self._log_id)

    async def list_newest(self, most: int) -> list[PublicRecord]:
        """Return what became public last, without the texts."""
        return [_record(row) async for row in QUERIES.list_newest(self._connection, log_id=self._log_id, most=most)]

    async def list_links(self, decision_id: UUID) -> list[PublicLink]:
        """Return where the links in a record's latest text lead, as far as readers may follow."""
        rows = QUERIES.list_public_links(self._connection, log_id=self._log_id, decision_id=decision_id)
        return [_link(row, row["target"]) async for row in rows]

    async def list_edges(self, decision_id: UUID) -> list[PublicLink]:
        """Return what a record supersedes or amends, and what does so to it."""
        rows = QUERIES.list_public_edges(self._connection, log_id=self._log_id, decision_id=decision_id)
        return [_link(row, row["kind"], outward=row["outward"]) async for row in rows]


def _record(row: Mapping[str, Any]) -> PublicRecord:
    return PublicRecord(
        id=row["id"],
        ref=row["ref"],
        name=page_name(row["ref"], row["id"], doubled=row["doubled"]),
        version=row["version"],
        title=row["title"],
        status=Status(row["status"]),
        decided_on=row["decided_on"],
        deciders=tuple(row["deciders"]),
        tags=tuple(row["tags"]),
        content_hash=row["content_hash"],
        written_at=row["written_at"],
        published_at=row["published_at"],
        body=row.get("body", ""),
        current=row["current"],
    )


def _link(row: Mapping[str, Any], why: str, *, outward: bool = True) -> PublicLink:
    name = page_name(row["ref"], row["id"], doubled=row["doubled"])
    return PublicLink(name, row["ref"], row["title"], Status(row["status"]), why, outward)
