"""Giving out numbers before a decision exists, so that two branches never take one."""

from uuid import UUID

from cairn.decisions.domain import Log, LogNotFound
from cairn.decisions.domain.lifecycle import Act, require_right
from cairn.decisions.domain.numbers import Reservation, check_prefix, check_purpose
from cairn.decisions.ports import DecisionStore
from cairn.decisions.usecases.changes import Work
from cairn.kernel.ids import uuid7

_LISTED_MOST = 500


async def get_log(store: DecisionStore, log_id: UUID) -> Log:
    """Return a log. Raises `LogNotFound`."""
    log = await store.get_log(log_id)
    if log is None:
        raise LogNotFound(str(log_id))
    return log


async def reserve_number(work: Work, *, log_id: UUID, prefix: str, purpose: str) -> tuple[Reservation, Log]:
    """Give the caller the next number of a log, or of its numbers with `prefix`. Nobody else gets it, ever."""
    require_right(Act.RESERVE, work.caller)
    log = await get_log(work.store, log_id)
    prefix, purpose = check_prefix(prefix, log), check_purpose(purpose)
    reservation = Reservation(
        id=uuid7(),
        log_id=log.id,
        prefix=prefix,
        number=await work.store.take_number(log.id, prefix),
        person_id=work.caller.person_id,
        person_name=work.caller.person_name,
        purpose=purpose,
        created_at=work.clock(),
    )
    await work.store.add_reservation(reservation)
    return reservation, log


async def list_reservations(store: DecisionStore, *, log_id: UUID) -> tuple[list[Reservation], Log]:
    """Return the latest numbers given out in a log, newest first."""
    log = await get_log(store, log_id)
    return await store.list_reservations(log_id, _LISTED_MOST), log
