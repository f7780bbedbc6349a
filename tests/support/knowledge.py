"""A small decision log, written over the wire and indexed by words, for tests that ask about it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from cairn.decisions.api import decision_ids, read_for_indexing
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.kernel.identity import Caller
from cairn.platform.database import Database
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases.indexing import index_words
from support.server import client_of

KAFKA = """## Context

Consumers must be able to read old events again after a failure.

## Decision

We use Kafka as the event bus because a consumer can read the log again from any position. Redpanda was considered too.

## Consequences

Operations must run a broker with three nodes.
"""
POLLING = """## Decision

We poll the outbox table every second. Repeats are rare enough to ignore.
"""
RELAY = """Supersedes ADR-0002.

## Decision

We relay the outbox with logical decoding, so that polling the table ends. Every consumer must drop repeated events.
"""
BACKUP = """## Decision

Backups of the database are taken every night and kept for thirty days.
"""


@dataclass
class Knowledge:
    """The log's address, and its decisions by their first word."""

    address: str
    database: Database
    owner: Caller
    token: str | None = None
    log: pb.Log = field(default_factory=pb.Log)
    decisions: dict[str, pb.Decision] = field(default_factory=dict)

    async def write(self, name: str, title: str, body: str, status: pb.Status = pb.Status.ACCEPTED) -> pb.Decision:
        async with client_of(DecisionsServiceClient, self.address, self.token) as client:
            if not self.log.id:
                request = pb.CreateLogRequest(slug=f"log-{uuid4().hex[:8]}", name="A log")
                self.log = (await client.create_log(request)).log
            content = pb.Content(title=title, status=status, body=body)
            made = await client.create_decision(pb.CreateDecisionRequest(log_id=self.log.id, content=content))
        self.decisions[name] = made.decision
        return made.decision

    async def index(self) -> None:
        """Make everything findable by words."""
        async with self.database.transaction(self.owner) as connection:
            writer = PostgresIndex(connection)
            await writer.lock()
            ids: list[UUID] = await decision_ids(connection)
            records = await read_for_indexing(connection, ids)
            await index_words(writer, [(id_, records.get(id_)) for id_ in ids])

    async def write_sample(self) -> "Knowledge":
        await self.write("kafka", "Use Kafka as the event bus", KAFKA)
        await self.write("polling", "Poll the outbox table", POLLING, pb.Status.SUPERSEDED)
        await self.write("relay", "Relay the outbox with logical decoding", RELAY)
        await self.write("backup", "Back the database up every night", BACKUP, pb.Status.PROPOSED)
        await self.index()
        return self


def fields_of(event: Any) -> tuple[str, Any]:
    """Return an event's kind and value."""
    assert event.event is not None
    return event.event.field, event.event.value
