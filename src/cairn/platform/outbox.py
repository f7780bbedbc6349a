"""The outbox: facts written in the transaction that makes them true, so that a crash cannot lose one."""

import json
import re
from collections.abc import Sequence
from uuid import UUID

from cairn.kernel.events import NewEvent
from cairn.platform.database import Connection, load_queries

_MOST_EVENTS = 10_000
_MOST_PAYLOAD_CHARACTERS = 2_000
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_queries = load_queries("platform/bus")


async def append(connection: Connection, tenant_id: UUID, events: Sequence[NewEvent]) -> None:
    """Write `events`, in order, in the open transaction of `connection`, whose tenant is `tenant_id`.

    They reach the bus once the transaction commits, and never if it does not. Events of one key keep their
    order when whatever serialises changes to the key (its row's lock) is held before this is called.
    Raises ValueError for an event that cannot be one: a type such as "decision.changed", a key of at most
    200 characters and a small payload of ids are what it takes.
    """
    if not events:
        return
    if len(events) > _MOST_EVENTS:
        raise ValueError(f"At most {_MOST_EVENTS} events fit in one call; this one has {len(events)}.")
    payloads = [_check(event) for event in events]
    await _queries.append_events(
        connection,
        tenant_id=tenant_id,
        types=[event.type for event in events],
        keys=[event.key for event in events],
        payloads=payloads,
    )


def fields_of(event: NewEvent) -> dict[str, str]:
    """Return an event's columns, for a statement that writes it together with what makes it true.

    Such a statement tells the relay as `append_events` does. Raises ValueError as `append` does.
    """
    payload = _check(event)
    return {"event_type": event.type, "event_key": event.key, "event_payload": payload}


def _check(event: NewEvent) -> str:
    """Return the payload as JSON."""
    payload = json.dumps(dict(event.payload))
    if not _TYPE.fullmatch(event.type) or len(event.type) > 100:  # noqa: PLR2004 - the column's own bound.
        raise ValueError(f"{event.type!r} is not a type of event. Write it like decision.changed.")
    if not 1 <= len(event.key) <= 200:  # noqa: PLR2004 - the column's own bound.
        raise ValueError("The key of an event has 1 to 200 characters.")
    if len(payload) > _MOST_PAYLOAD_CHARACTERS:
        raise ValueError("The payload of an event holds ids, never content: it is too long.")
    return payload
