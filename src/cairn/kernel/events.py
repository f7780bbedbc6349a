"""Events: facts that one slice tells the others, through the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact to be written in the transaction that makes it true.

    `key` orders it: events of one tenant with one key reach every consumer in the order they were written.
    `payload` holds ids and small values only, never content.
    """

    type: str
    key: str
    payload: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact read back from the bus. `position` counts from 1 inside the tenant, without a gap."""

    tenant_id: UUID
    position: int
    type: str
    key: str
    payload: Mapping[str, str | int]
    created_at: datetime
