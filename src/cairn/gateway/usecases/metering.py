"""A call that is paid for: granted before it goes out, watched while it runs, and written down however it ends."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from cairn.gateway.domain.calls import Chunk
from cairn.gateway.domain.messages import Usage
from cairn.gateway.domain.prices import Catalog
from cairn.gateway.domain.routing import Target
from cairn.gateway.domain.spending import Estimate, Kind, LimitReached, Meter, Party, Want, list_wants, refusal
from cairn.gateway.domain.wires import Wire
from cairn.gateway.ports import CallRow, SpendingStores, Telemetry
from cairn.gateway.usecases.cache import Gathered, ReplyCache
from cairn.gateway.usecases.calls import Attempt, Call, Dispatcher, Outcome
from cairn.gateway.usecases.ledger import Ledger, NotGranted, Reservation
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7

# A stream is granted so many tokens at a time, so that five of them do not hold a day's worth.
STEP_TOKENS = 4_096
# And never so few that the estimate of the first word alone passes them.
_STEP_TOKENS_LEAST = 64
# Without a limit of its own a reply that comes in one piece, or that may not pass what is granted, is limited to this.
WHOLE_TOKENS = 16_384
# Texts have about four characters a token; what is granted in advance takes less to be safe.
_SAFE_CHARACTERS = 3
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """Who calls, under which rules, and how much that may become.

    `characters` is the length of what is sent, for estimates; `input_tokens_most` is what it cannot pass as tokens.
    """

    caller: Caller
    call_id: UUID
    party: Party
    wire: Wire
    asked_model: str
    streamed: bool
    characters: int
    input_tokens_most: int
    output_tokens_most: int | None
    trace: dict[str, str]

    @property
    def input_tokens(self) -> int:
        """How many tokens of the request are granted: all it can have, where a limit may not be passed."""
        if self.party.is_limited:
            return self.input_tokens_most
        return self.characters // _SAFE_CHARACTERS + 1

    @property
    def stepwise(self) -> bool:
        """Whether the reply is granted step by step, as it comes, and not all at once."""
        return self.streamed and not self.party.is_limited

    @property
    def granted_output(self) -> tuple[int, ...]:
        """How many tokens of the reply are granted at first; less, where a limit leaves no more."""
        if self.stepwise:
            return (min(max(self.output_tokens_most or STEP_TOKENS, _STEP_TOKENS_LEAST), STEP_TOKENS),)
        return (WHOLE_TOKENS, STEP_TOKENS) if self.output_tokens_most is None else (self.output_tokens_most,)


NOTHING = Usage(0, 0)


@dataclass(frozen=True, slots=True)
class _Bill:
    """How an attempt ended, and what it is taken to have used."""

    outcome: str
    failure: str
    usage: Usage = NOTHING
    cost_micros: int = 0
    estimated: bool = False


class Metering:
    """Runs calls under the rules of those who make them."""

    def __init__(
        self, dispatcher: Dispatcher, ledger: Ledger, catalog: Catalog, stores: SpendingStores, telemetry: Telemetry
    ) -> None:
        self._telemetry = telemetry
        self._cache = ReplyCache()
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._catalog = catalog
        self._stores = stores

    async def run_once(self, call: Call, terms: Terms, key: bytes) -> AsyncGenerator[Chunk]:
        """Yield the reply as `run` does, or the one that was given already for what `key` tells apart."""
        kept = self._cache.find(key, time.monotonic())
        if kept is not None:
            call.saved_micros = kept.cost_micros
            call.attempts.append(Attempt(kept.target, 0.0, native=kept.native))
            bill = _Bill("cached", "", kept.usage)
            row = _row(terms, call.attempts[0], 1, datetime.now(UTC), bill)
            self._ledger.record(terms.caller.tenant_id, row)
            for chunk in kept.chunks:
                yield chunk
            return
        gathered = Gathered()
        hand_on = call.sink

        def keep(chunk: Chunk) -> bool:
            if hand_on is None or not hand_on(chunk):
                return False
            gathered.add(chunk)
            return True

        call.sink = keep
        async with aclosing(self.run(call, terms)) as chunks:
            async for chunk in chunks:
                gathered.add(chunk)
                yield chunk
        last = call.attempts[-1]
        if last.whole:
            gathered.native = last.native
            cost = self._cost(last.target, gathered.usage or NOTHING, datetime.now(UTC))
            self._cache.keep(key, gathered, last.target, cost, time.monotonic())

    async def run(self, call: Call, terms: Terms) -> AsyncGenerator[Chunk]:
        """Yield the reply, as `Dispatcher.run` does. Raises `LimitReached`, also in the middle."""
        started_at = datetime.now(UTC)
        reservation, sent = await self._reserve(call, terms, started_at)
        call.admit = partial(self._extend, call, terms, reservation, sent)
        granted = sent.output_tokens
        if terms.output_tokens_most is None and not terms.stepwise:
            # A reply that is granted as a whole and has no limit of its own gets what it was granted.
            call.output_tokens_most = granted
        if len(call.route.targets) > 1:
            call.fits = [self._fits(target, terms, started_at) for target in call.route.targets]
        watched = self._telemetry.begin(terms.wire.value, terms.asked_model, terms.trace)
        call.headers = watched.headers
        # Where all was granted only a provider that does not keep to it needs more.
        letters = _SAFE_CHARACTERS if terms.stepwise else CHARACTERS_A_TOKEN
        hand_on = call.sink

        def take(chunk: Chunk) -> bool:
            if call.attempts[-1].characters // letters > granted or hand_on is None or not hand_on(chunk):
                return False
            watched.note()
            return True

        call.sink = take
        try:
            async with aclosing(self._dispatcher.run(call)) as chunks:
                async for chunk in chunks:
                    if terms.streamed and call.attempts[-1].characters // letters > granted:
                        granted += STEP_TOKENS
                        await self._extend(call, terms, reservation, Usage(0, STEP_TOKENS))
                    watched.note()
                    yield chunk
        finally:
            watched.end(str(terms.caller.tenant_id), self._book(call, terms, reservation, started_at))

    def _list_wants(self, terms: Terms, usage: Usage, cost: int, now: datetime) -> list[Want]:
        estimate = Estimate(usage.input_tokens, usage.output_tokens, cost, terms.streamed)
        return list_wants(terms.party, estimate, now)

    async def _reserve(self, call: Call, terms: Terms, now: datetime) -> tuple[Reservation, Usage]:
        """Reserve what the call can use; return that too."""
        try:
            for output in terms.granted_output:
                sent = Usage(terms.input_tokens, output)
                call.prices = [float(self._cost(target, sent, now)) for target in call.route.targets]
                wants = self._list_wants(terms, sent, int(max(call.prices)), now)
                try:
                    reserved = await self._ledger.reserve(terms.caller.tenant_id, wants, terms.party.spending)
                except NotGranted as refused:
                    if output == terms.granted_output[-1] or refused.want.meter.kind not in {Kind.TOKENS, Kind.MONEY}:
                        raise await self._refuse(terms, refused, now) from refused
                else:
                    return reserved, sent
        except LimitReached as error:
            self._record_refusal(call, terms, error, now)
            raise
        raise AssertionError("Some output is granted, or refused.")

    def _record_refusal(self, call: Call, terms: Terms, error: LimitReached, now: datetime) -> None:
        nothing = Attempt(call.route.targets[0], 0.0)
        row = _row(terms, nothing, 1, now, _Bill("refused", error.kind.value))
        self._ledger.record(terms.caller.tenant_id, row)
        self._telemetry.refuse(str(terms.caller.tenant_id), row)

    async def _refuse(self, terms: Terms, refused: NotGranted, now: datetime) -> LimitReached:
        """Return the error; a soft budget that is spent beyond its margin stops every call of the organisation."""
        tenant_id = terms.caller.tenant_id
        meter = refused.want.meter
        rule = terms.party.spending.rules.get(meter.subject)
        if meter.kind is Kind.MONEY and meter.subject == tenant_id and rule is not None and rule.soft:
            async with self._stores(tenant_id) as store:
                # What others hold in advance may come back; what is spent does not.
                gone = await store.fetch_spent(meter) + refused.want.amount > refused.want.limit
                if gone and await store.stop():
                    detail = "The budget is spent to 110 %. New calls are refused until an admin lifts that."
                    await store.add_event("stopped", tenant_id, None, detail)
        return refusal(refused.want, tenant_id, now)

    async def _extend(self, call: Call, terms: Terms, reservation: Reservation, more: Usage) -> None:
        """Take more for a call that runs: the next step of its reply, or another attempt."""
        now = datetime.now(UTC)
        cost = max(self._cost(target, more, now) for target in call.route.targets)
        wants = [
            want for want in self._list_wants(terms, more, cost, now) if want.meter.kind in {Kind.TOKENS, Kind.MONEY}
        ]
        try:
            await self._ledger.extend(reservation, wants, terms.party.spending)
        except NotGranted as refused:
            raise await self._refuse(terms, refused, now) from refused

    def _book(self, call: Call, terms: Terms, reservation: Reservation, started_at: datetime) -> list[CallRow]:
        tokens = cost = 0
        rows: list[CallRow] = []
        for number, attempt in enumerate(call.attempts, start=1):
            usage, estimated = count(attempt, terms)
            price = self._cost(attempt.target, usage, started_at)
            known = self._catalog.find(attempt.target.provider.kind, attempt.target.model, started_at.date())[1]
            failure = attempt.failure.failure.value if attempt.failure else ""
            # Read to its end for nobody.
            outcome = Outcome.ABORTED if call.left and attempt.outcome is Outcome.COMPLETED else attempt.outcome
            bill = _Bill(outcome.value, failure, usage, price, estimated=estimated or not known)
            rows.append(_row(terms, attempt, number, started_at, bill))
            self._ledger.record(terms.caller.tenant_id, rows[-1])
            tokens += usage.input_tokens + usage.output_tokens
            cost += price
        used: dict[Meter, int] = {}
        amounts = {Kind.REQUESTS: 1, Kind.FIRST_DAY: 1, Kind.STREAMS: 0, Kind.TOKENS: tokens, Kind.MONEY: cost}
        for want in reservation.wants:
            used[want.meter] = amounts[want.meter.kind]
        self._ledger.settle(reservation, used)
        call.admit = None
        call.cost_micros = cost
        return rows

    def _fits(self, target: Target, terms: Terms, at: datetime) -> bool:
        """Tell whether a model has room for what is sent and asked for, as far as its limits are known."""
        facts, exact = self._catalog.find(target.provider.kind, target.model, at.date())
        if facts is None or not exact:
            return True
        output = terms.output_tokens_most or 0
        sent = terms.characters // CHARACTERS_A_TOKEN
        return output <= facts.output_tokens and sent + output <= facts.context_tokens

    def _cost(self, target: Target, usage: Usage, at: datetime) -> int:
        facts, _ = self._catalog.find(target.provider.kind, target.model, at.date())
        return facts.cost_micros(usage) if facts else 0


def count(attempt: Attempt, terms: Terms) -> tuple[Usage, bool]:
    """Return what an attempt used, and whether that is our estimate: a provider counts at the end, if it gets there."""
    if attempt.whole and attempt.usage is not None:
        return attempt.usage, False
    if not attempt.sent:
        return NOTHING, False
    told = attempt.usage or Usage(terms.characters // CHARACTERS_A_TOKEN, 0)
    output = max(told.output_tokens, attempt.characters // CHARACTERS_A_TOKEN)
    return Usage(told.input_tokens, output, told.cached_input_tokens, told.cache_write_tokens), True


def _row(terms: Terms, attempt: Attempt, number: int, started_at: datetime, bill: _Bill) -> CallRow:
    first = attempt.first_token_s
    return CallRow(
        id=uuid7(),
        call_id=terms.call_id,
        attempt=number,
        person_id=terms.caller.person_id,
        started_at=started_at,
        endpoint=terms.wire.value,
        asked_model=terms.asked_model,
        provider=attempt.target.provider.name,
        model=attempt.target.model,
        outcome=bill.outcome,
        failure=bill.failure,
        estimated=bill.estimated,
        input_tokens=bill.usage.input_tokens,
        output_tokens=bill.usage.output_tokens,
        cached_input_tokens=bill.usage.cached_input_tokens,
        cost_micros=bill.cost_micros,
        first_token_ms=None if first is None else round(first * 1000),
        duration_ms=round(attempt.duration_s * 1000),
        continued=attempt.continued,
        cache_write_tokens=bill.usage.cache_write_tokens,
        kind=attempt.target.provider.kind.value,
        streamed=terms.streamed,
        counted=attempt.whole and attempt.usage is not None,
    )
