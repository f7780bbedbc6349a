"""What the gateway needs from outside."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from cairn.gateway.domain.calls import Chunk, Order
from cairn.gateway.domain.providers import ProviderConfig
from cairn.gateway.domain.spending import Meter, Rule, Spending
from cairn.gateway.domain.wires import Wire
from cairn.kernel.errors import AlreadyExists
from cairn.kernel.identity import Caller
from cairn.kernel.phrases import Phrase


class ProviderNameTaken(AlreadyExists):
    """Another provider of the organisation has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            Phrase(
                "provider_taken",
                "There is a provider named '{name}' already. Choose another name, or change that one.",
                name=name,
            ),
            field="name",
        )


class Provider(Protocol):
    """One configured provider."""

    @property
    def wires(self) -> Collection[Wire]:
        """The formats that it speaks itself."""
        ...

    def stream(self, order: Order) -> AsyncGenerator[Chunk]:
        """Stream one reply: text, usage reports, and `Stopped` as its last part.

        An order that is native to the provider goes out as it came, and its chunks have their raw bytes; a reply that
        was not to be streamed is one chunk. What the order's `sink` takes is not yielded.

        Raises `InvalidRequest` and `Untranslatable` before anything is sent, and `ProviderFailure`; a stream that ends
        without `Stopped` always raises. Closing the generator, or cancelling the task that reads it, closes the
        connection to the provider at once.
        """
        ...


class ProviderFactory(Protocol):
    """Makes the provider that a configuration describes."""

    def __call__(self, config: ProviderConfig) -> Provider:
        """Return a provider. Opens no connection."""
        ...


class Extracts(Protocol):
    """What the caller's own logs say about a question."""

    def __call__(self, caller: Caller, question: str, earlier: Sequence[str]) -> AsyncGenerator[str]:
        """Yield an answer of extracts in pieces of Markdown. `earlier` are questions before this one, latest first."""
        ...


@dataclass(frozen=True, slots=True)
class CallRow:
    """One attempt at a call, as it is written down. Nothing of what was said is in it; money is in micro-dollars."""

    id: UUID
    call_id: UUID
    attempt: int
    person_id: UUID
    started_at: datetime
    endpoint: str
    asked_model: str
    provider: str
    model: str
    outcome: str
    failure: str
    estimated: bool
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cost_micros: int
    first_token_ms: int | None
    duration_ms: int
    # It went on with a reply that another attempt had begun.
    continued: bool = False
    cache_write_tokens: int = 0
    # For those who watch, and not written down: which kind of provider it was, whether the reply was streamed, and
    # whether the provider counted its tokens.
    kind: str = ""
    streamed: bool = False
    counted: bool = False


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What calls with something in common have used."""

    name: str
    calls: int
    estimated_calls: int
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cost_micros: int


@dataclass(frozen=True, slots=True)
class SpendingEvent:
    """An alert, a stop, or who changed what."""

    at: datetime
    kind: str
    subject: UUID
    level: int | None
    person_id: UUID | None
    detail: str


class SpendingStore(Protocol):
    """What one organisation may spend and has spent, inside one transaction."""

    async def lease(self, meter: Meter, holder: UUID, limit: int, need: int, seconds: int) -> int:
        """Take at least `need` of a meter for a holder, who renews it within `seconds`. 0 when the limit leaves less.

        Whatever happens, what is spent and what is leased together stay within the limit. What a holder held who did
        not renew in time counts as spent.
        """
        ...

    async def settle(self, meter: Meter, holder: UUID, spent: int, unleased: int) -> int:
        """Book what a holder spent, and end so much of its lease. Returns what has been spent in all."""
        ...

    async def renew(self, holder: UUID, seconds: int) -> None:
        """Say that the holder is alive."""
        ...

    async def add_calls(self, rows: Sequence[CallRow]) -> None:
        """Write calls down, each once, however often it is told."""
        ...

    async def fetch_spending(self) -> Spending:
        """Return the rules."""
        ...

    async def fetch_joined_at(self, person_id: UUID) -> datetime | None:
        """Return when a person came, or None."""
        ...

    async def save_rule(self, subject: UUID, rule: Rule) -> None:
        """Set what a subject may spend."""
        ...

    async def add_alert(self, subject: UUID, window_start: datetime, level: int, detail: str) -> None:
        """Write an alert down, once for each level in a window."""
        ...

    async def stop(self) -> bool:
        """Stop the organisation's calls; False when they are stopped, or an admin has lifted the budget."""
        ...

    async def resume(self, override_until: datetime) -> None:
        """Let calls through until then, whatever the budget says."""
        ...

    async def add_event(self, kind: str, subject: UUID, person_id: UUID | None, detail: str) -> None:
        """Write down who changed what."""
        ...

    async def list_events(self, limit: int) -> Sequence[SpendingEvent]:
        """Return what happened, latest first."""
        ...

    async def fetch_spent(self, meter: Meter) -> int:
        """Return what has been spent of a meter and told."""
        ...

    async def sum_calls(self, since: datetime, by: str) -> Sequence[UsageSum]:
        """Return what was used since then, by "day", "person", "model" or "outcome"."""
        ...


class WatchedCall(Protocol):
    """One call while it is watched. `headers` go to the provider, so that its trace is part of ours."""

    headers: Sequence[tuple[str, str]]

    def note(self) -> None:
        """Note that a piece of the reply is here, the first or another."""
        ...

    def end(self, tenant: str, rows: Sequence[CallRow]) -> None:
        """Note how the call ended, attempt by attempt."""
        ...


class Telemetry(Protocol):
    """Watches calls. No word of what is said reaches it."""

    def begin(self, endpoint: str, model: str, received: dict[str, str]) -> WatchedCall:
        """Begin to watch a call; `received` are its caller's trace headers."""
        ...

    def refuse(self, tenant: str, row: CallRow) -> None:
        """Note a call that a limit kept from going out."""
        ...


class SpendingStores(Protocol):
    """Opens the store of an organisation."""

    def __call__(self, tenant_id: UUID) -> AbstractAsyncContextManager[SpendingStore]:
        """Begin a transaction, which ends with the block."""
        ...


class ProviderStore(Protocol):
    """The providers an organisation configured on its page, inside the caller's transaction."""

    async def fetch_all(self) -> Sequence[ProviderConfig]:
        """Return every provider with its key, by time of creation. A key that no longer opens is marked, not raised."""
        ...

    async def fetch(self, provider_id: UUID) -> ProviderConfig | None:
        """Return one provider with its key, or None."""
        ...

    async def save(self, provider: ProviderConfig) -> None:
        """Add or replace a provider. Raises `ProviderNameTaken`."""
        ...

    async def delete(self, provider_id: UUID) -> bool:
        """Remove a provider and its key; False when there was none."""
        ...
