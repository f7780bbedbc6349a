"""The worker's part of decisions: adding up what changed in the tally of statuses and tags."""

from collections.abc import Sequence

from cairn.decisions.postgres.listing import add_up_tally
from cairn.decisions.usecases.changes import DECISION_CHANGED
from cairn.kernel.events import Event
from cairn.platform.bus import ConsumerGroup
from cairn.platform.database import Database
from cairn.tenancy.api import system_caller


def consumer_groups(database: Database) -> list[ConsumerGroup]:
    """Return the group that keeps the tally short. Counts are right without it, and slower the longer it is away."""

    async def follow(events: Sequence[Event]) -> None:
        async with database.transaction(system_caller(events[0].tenant_id)) as connection:
            await add_up_tally(connection)

    return [ConsumerGroup("decisions.tally", {DECISION_CHANGED}, follow, batch_size=500, gather_seconds=0.25)]
