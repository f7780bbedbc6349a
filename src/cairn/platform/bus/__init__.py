"""The bus: facts from the outbox, delivered to groups of consumers. This is the port; Postgres fills it, Kafka can.

The terms are Kafka's. A tenant's log is a partition: it has one order, and `Event.position` is an offset in it. A key
orders its events even when some fail. A group has one offset in each log and takes each event at least once, so its
handler must be idempotent: read the current state of what the event names, and bring its own work up to it.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from uuid import UUID

from cairn.kernel.events import Event

Handler: TypeAlias = Callable[[Sequence[Event]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a failed event is tried again, and after how many seconds: doubling, with jitter, up to a bound.

    An event whose worker died is tried again after `after_death_seconds`: longer than a supervisor takes to call a
    process steady, so that one such event does not make it give the worker up.
    """

    attempts: int = 10
    first_seconds: float = 1.0
    most_seconds: float = 300.0
    after_death_seconds: float = 65.0

    def delay_seconds(self, attempts: int, jitter: float) -> float:
        """Return the wait after `attempts` failures. `jitter` in [0, 1) spreads it over half to all of its length."""
        doublings = min(attempts - 1, 32)
        return min(self.most_seconds, self.first_seconds * 2.0**doublings) * (0.5 + 0.5 * jitter)


@dataclass(frozen=True, slots=True)
class ConsumerGroup:
    """A consumer of the bus under a name that stays: its offsets are kept under it.

    `handle` gets up to `batch_size` events of one tenant, of these `types`, in order. It may raise: the events are
    then tried one by one, and those that still fail are parked and retried as `retry` says, later events of the same
    key behind them. `Unavailable` and lost connections blame no event: the tenant is tried again after a pause.
    `concurrency` bounds how many tenants are served at once; `timeout_seconds` bounds one call. A group `after`
    another of its process takes no turn for a tenant in whose log the other is behind: quick work first. After a batch
    that was not full, a tenant waits `gather_seconds` for its next turn: what comes one by one is taken together.
    """

    name: str
    types: Collection[str]
    handle: Handler
    batch_size: int = 32
    concurrency: int = 2
    timeout_seconds: float = 300.0
    after: str = ""
    gather_seconds: float = 0.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        if not self.name or not self.types or isinstance(self.types, str):
            raise ValueError("A consumer group has a name and a collection of event types.")
        if self.batch_size < 1 or self.concurrency < 1:
            raise ValueError("A consumer group takes at least one event of one tenant at a time.")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a group gave up on. `error` names the type of the failure and where it was, never content."""

    group: str
    tenant_id: UUID
    position: int
    type: str
    key: str
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class Lag:
    """How many events a group is behind in one tenant's log, how many it has parked, and how many are dead."""

    group: str
    tenant_id: UUID
    behind: int
    parked: int
    dead: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """The next stretch of a tenant's log for a group: from `position` (not included) to `upto` (included)."""

    position: int
    upto: int
    events: Sequence[Event]
    blocked_keys: frozenset[str] = frozenset()
    deliveries: int = 0
    careful_until: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """An event to park. Without a delay it waits behind an earlier one of its key."""

    position: int
    key: str
    attempts: int = 0
    delay_seconds: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """A parked event whose time has come, with the attempts made, this one included."""

    event: Event
    attempts: int


@dataclass(frozen=True, slots=True)
class Pending:
    """Tenants that have work for a group, and seconds until a parked event is due (None when none is parked)."""

    tenant_ids: Sequence[UUID]
    next_due_seconds: float | None


class Wakeup(Protocol):
    """Something to wait on: set when there may be new events."""

    def clear(self) -> None:
        """Forget what was told so far."""

    def set(self) -> None:
        """Tell it."""

    async def wait(self) -> object:
        """Return once there may be new events."""
        ...


class BusLog(Protocol):
    """What an adapter gives the consumer: claims, reads, offsets, and a place for failed events.

    A claim on a group's work for a tenant is exclusive, and ends with the process that holds it. An operation of a
    lost claim raises `Unavailable`.
    """

    def wakeup(self) -> Wakeup:
        """Return a new thing to wait on for events."""
        ...

    async def pending(self, group: str, most: int) -> Pending:
        """Return up to `most` tenants that have work for `group`."""
        ...

    async def claim(self, group: str, tenant_id: UUID) -> bool:
        """Take the work of `group` for a tenant, unless another process has it."""
        ...

    async def release(self, group: str, tenant_id: UUID) -> None:
        """Give the claim back."""

    async def is_behind(self, group: str, tenant_id: UUID) -> bool:
        """Return whether a tenant's log has events that `group` has not come to."""
        ...

    async def read(self, group: str, tenant_id: UUID, types: Collection[str], most: int) -> Delivery:
        """Return the next events of these types, and how far the log was read for them."""
        ...

    async def begin(self, group: str, tenant_id: UUID, delivery: Delivery) -> None:
        """Write down `delivery.deliveries` and `delivery.careful_until` before the events are handled."""

    async def commit(self, group: str, tenant_id: UUID, delivery: Delivery, parked: Sequence[Parked]) -> bool:
        """Advance to `delivery.upto` and park what failed, in one step; False when a replay came between."""
        ...

    async def take_due(self, group: str, tenant_id: UUID, lease_seconds: float) -> Retry | None:
        """Return the next parked event that is due, charging it an attempt first.

        It is due again after `lease_seconds`, should nobody live to say how the attempt ended.
        """
        ...

    async def settle(self, group: str, event: Event) -> None:
        """Remove a parked event that was handled; the one behind it is due."""

    async def park_again(self, group: str, event: Event, delay_seconds: float, error: str, *, refund: bool) -> None:
        """Put a parked event off. With `refund` this attempt does not count."""

    async def bury(self, group: str, event: Event, error: str) -> None:
        """Make a parked event a dead letter; the one behind it is due."""


class BusAdmin(Protocol):
    """What a person may do to a group from outside."""

    async def dead_letters(self, group: str | None = None, *, most: int = 100) -> Sequence[DeadLetter]:
        """Return dead letters of one group or all, oldest first in each log."""
        ...

    async def requeue(self, group: str, tenant_id: UUID | None = None, position: int | None = None) -> int:
        """Give dead letters a fresh set of attempts; return how many."""
        ...

    async def replay(self, group: str, tenant_id: UUID | None = None, *, from_position: int = 1) -> int:
        """Let a group take every event from a position on once more; return how many positions it goes back."""
        ...

    async def lag(self, *, most: int = 1000) -> Sequence[Lag]:
        """Return how far behind each group is in each log."""
        ...
