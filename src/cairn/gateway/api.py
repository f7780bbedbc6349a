"""The facade of the gateway slice: which models there are, and replies of them."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Self
from uuid import UUID

import msgspec

from cairn.gateway.domain.calls import Chunk, Native, Order
from cairn.gateway.domain.capabilities import EVERYTHING, Capability
from cairn.gateway.domain.failures import FailureCode, ModelNotFound, ProviderFailure, Untranslatable
from cairn.gateway.domain.messages import (
    ChatRequest,
    Continued,
    Message,
    Stopped,
    StopReason,
    StreamPart,
    TextDelta,
    Usage,
    say,
)
from cairn.gateway.domain.providers import QUOTES, QUOTES_PROVIDER, Model, ProviderConfig, list_models
from cairn.gateway.domain.routing import Alias, Health, Route, Target, find_route
from cairn.gateway.domain.sizes import Size, measure
from cairn.gateway.domain.spending import ALWAYS, SHARED_DEFAULTS, LimitReached, Party, Rule, Spending
from cairn.gateway.domain.tools import (
    LoopPart,
    RunnableTool,
    StepEnded,
    ToolEnded,
    ToolLimits,
    ToolRefused,
    ToolsExhausted,
    ToolStarted,
)
from cairn.gateway.domain.wires import Wire
from cairn.gateway.formats.catalog import read_catalog
from cairn.gateway.formats.operator import OperatorProviders, read_operator_providers
from cairn.gateway.ports import Extracts, ProviderFactory, SpendingStores
from cairn.gateway.postgres import PostgresProviderStore, PostgresSpendingStore, open_spending
from cairn.gateway.providers.quotes import WithQuotes
from cairn.gateway.telemetry import GatewayTelemetry
from cairn.gateway.usecases.affinity import prefix_of
from cairn.gateway.usecases.cache import cache_key
from cairn.gateway.usecases.calls import Call, Dispatcher, Targets
from cairn.gateway.usecases.capabilities import mark_capabilities, needs_of
from cairn.gateway.usecases.ledger import Ledger
from cairn.gateway.usecases.metering import Metering, Terms
from cairn.gateway.usecases.providers import list_providers
from cairn.gateway.usecases.tools import Toolbox, answer_with_tools
from cairn.gateway.wire.openai_embeddings import read_vectors
from cairn.kernel.identity import Caller
from cairn.kernel.ids import uuid7
from cairn.platform.database import Connection, Database
from cairn.platform.secrets import SecretBox

__all__ = [
    "QUOTES",
    "ChatRequest",
    "ChosenModel",
    "Continued",
    "FailureCode",
    "Gateway",
    "LimitReached",
    "LoopPart",
    "Message",
    "Model",
    "ModelNotFound",
    "OperatorProviders",
    "ProviderFailure",
    "RunnableTool",
    "StepEnded",
    "StopReason",
    "Stopped",
    "StreamPart",
    "TextDelta",
    "ToolEnded",
    "ToolLimits",
    "ToolRefused",
    "ToolStarted",
    "ToolsExhausted",
    "Usage",
    "read_operator_providers",
    "say",
]

_log = logging.getLogger(__name__)
# What an organisation has configured is read this often, so that a call costs no query.
_CONFIGURATION_S = 1.0
_CONFIGURATIONS_MOST = 1_000
_PEOPLE_MOST = 100_000


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model that exists, with what it takes to call it. `route` is None for `quotes`."""

    name: str
    route: Route | None

    @property
    def extracts_only(self) -> bool:
        """True when no language model writes the answer."""
        return self.route is None

    @property
    def takes_tools(self) -> bool:
        """Whether a reply of it may use tools, as far as is known."""
        return self.route is not None and any(Capability.TOOLS in target.takes for target in self.route.targets)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an organisation can ask on a day, as of `read_at` by the monotonic clock."""

    providers: Sequence[ProviderConfig]
    aliases: Sequence[Alias]
    spending: Spending
    on: date
    read_at: float
    # What calls have found out about it, until it changes; it holds nothing that does not exist.
    routes: dict[str, Route] = field(default_factory=dict[str, Route], repr=False)
    parties: dict[UUID, Party] = field(default_factory=dict[UUID, Party], repr=False)

    def find_route(self, name: str) -> Route:
        """Return where to find the model of that name, `quotes` among them. Raises `ModelNotFound`."""
        route = self.routes.get(name)
        if route is None:
            route = self.routes[name] = _find_route(self.providers, self.aliases, name, self.on)
        return route

    @property
    def names(self) -> list[str]:
        """Every name that can be asked for."""
        models = [f"{one.name}/{model}" for one in self.providers for model in one.models]
        return [*(alias.name for alias in self.aliases), *models, QUOTES]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a caller. `chat` reads it into our words; `size` is for counting tokens.

    Its reply may be kept for the same request, and be one that was, if `keep` says so. `said` is what is there of it
    already: the model is asked to go on from its end.
    """

    caller: Caller
    call_id: UUID
    route: Route
    native: Native
    chat: Callable[[], ChatRequest]
    size: Size
    output_tokens_most: int | None
    trace: Sequence[tuple[str, str]] = ()
    keep: bool = True
    said: str = ""
    # Where it is known already, as of now.
    configuration: Configuration | None = None


def _find_route(providers: Sequence[ProviderConfig], aliases: Sequence[Alias], name: str, on: date) -> Route:
    """Return where to find a model, and what each target can do on a day. Raises `ModelNotFound`."""
    found = find_route([*providers, QUOTES_PROVIDER], aliases, name)
    return mark_capabilities(found, read_catalog(), on)


def _refuse_chat() -> ChatRequest:
    """Refuse: a request for embeddings cannot be put as a chat, as for a provider that has none."""
    raise Untranslatable("Embeddings", "this model", field="model")


class Gateway:
    """The models of an organisation: those of its page, of the operator's file, and `quotes`.

    Use it in an `async with` statement, at whose end it writes down what is left to be written. On a server that is not
    `local` people have limits even where no rule sets any.
    """

    def __init__(
        self,
        database: Database,
        providers: ProviderFactory,
        box: SecretBox,
        operator: OperatorProviders,
        *,
        local: bool,
    ) -> None:
        self.telemetry = GatewayTelemetry()
        self._database = database
        self._box = box
        self._operator = operator
        self._defaults = Rule() if local else SHARED_DEFAULTS
        stores = open_spending(database)
        self._ledger = Ledger(stores)
        self._quotes = WithQuotes(providers)
        self._targets = Targets()
        self._metering = self._metering_on(self._targets, self._quotes, stores)
        # A test of a provider must reach it, also when calls leave it alone for a while.
        self._probing = partial(self._meter, providers, stores)
        self._joined: dict[UUID, datetime] = {}
        self._configurations: dict[UUID, Configuration] = {}
        self._readings: dict[UUID, asyncio.Task[Configuration]] = {}

    def serve_quotes(self, extracts: Extracts) -> None:
        """Answer calls of `quotes` with these extracts; without them there is no such model."""
        self._quotes.extracts = extracts

    def _meter(self, providers: ProviderFactory, stores: SpendingStores) -> Metering:
        return self._metering_on(Targets(), providers, stores)

    def _metering_on(self, targets: Targets, providers: ProviderFactory, stores: SpendingStores) -> Metering:
        return Metering(Dispatcher(providers, targets), self._ledger, read_catalog(), stores, self.telemetry)

    def list_health(self, providers: Sequence[ProviderConfig]) -> list[Health]:
        """Return how the models of these providers do, as this process has seen; those never asked are left out."""
        now = time.monotonic()
        looks = [self._targets.look(Target(one, model), now) for one in providers for model in one.models]
        return [look for look in looks if look is not None]

    async def __aenter__(self) -> Self:
        await self._ledger.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._readings:
            await asyncio.wait(self._readings.values())
        await self._ledger.__aexit__(*error)

    async def list_models(self, connection: Connection) -> Sequence[Model]:
        """Return every model that can be asked, the default first."""
        return list_models(await self._providers_of(connection))

    async def choose(self, connection: Connection, name: str) -> ChosenModel:
        """Return the model of that name, or the default for "". Raises `ModelNotFound`."""
        if name == QUOTES:
            return ChosenModel(QUOTES, None)
        configured = await self._providers_of(connection)
        if not name:
            name = list_models(configured)[0].name
            if name == QUOTES:
                return ChosenModel(QUOTES, None)
        return ChosenModel(name, _find_route(configured, self._operator.aliases, name, datetime.now(UTC).date()))

    async def stream(self, caller: Caller, chosen: ChosenModel, request: ChatRequest) -> AsyncGenerator[StreamPart]:
        """Stream one reply, `Stopped` at its end. Raises `ProviderFailure`, also before the first part."""
        _, received = await self._ask(caller, chosen, request)
        async with aclosing(received) as chunks:
            async for chunk in chunks:
                for part in chunk.parts:
                    yield part

    async def stream_with_tools(
        self,
        caller: Caller,
        chosen: ChosenModel,
        request: ChatRequest,
        tools: Sequence[RunnableTool],
        limits: ToolLimits | None = None,
        *,
        said: str = "",
    ) -> AsyncGenerator[LoopPart]:
        """Stream one reply for which the model may use tools, as `usecases.tools.answer_with_tools` says.

        `said` is what is there of the reply from an earlier call that was cut; `Continued` comes before the rest. Offer
        no tools then: what has begun as an answer is to end as one.

        Beside text there are `ToolStarted`, `ToolEnded` and `StepEnded`; `Usage` of all steps and `Stopped` come last.
        Raises `ValueError` for tools that cannot be offered, `ToolsExhausted`, and what `stream` raises.
        """
        toolbox = Toolbox(tools)
        ask = partial(self._ask, caller, chosen, said=said)
        async with aclosing(answer_with_tools(ask, request, toolbox, limits or ToolLimits())) as parts:
            async for part in parts:
                yield part

    async def _ask(
        self, caller: Caller, chosen: ChosenModel, request: ChatRequest, *, said: str = ""
    ) -> tuple[Call, AsyncGenerator[Chunk]]:
        if chosen.route is None:
            raise ModelNotFound(chosen.name)
        asked = Asked(
            caller,
            uuid7(),
            chosen.route,
            Native(Wire.OWN, {}, stream=True),
            lambda: request,
            size=measure(msgspec.json.encode((request, said))),
            output_tokens_most=request.output_tokens_most,
            said=said,
        )
        return await self.call(asked)

    async def embed(self, caller: Caller, name: str, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text from the model of that name. Raises `ModelNotFound` and `ProviderFailure`."""
        configuration = await self.configuration(caller)
        route = configuration.find_route(name)
        fields = {"model": name, "input": list(texts), "encoding_format": "float"}
        asked = Asked(
            caller,
            uuid7(),
            route,
            Native(Wire.OPENAI_EMBEDDINGS, fields, stream=False),
            _refuse_chat,
            size=measure(msgspec.json.encode(texts)),
            output_tokens_most=0,
        )
        _, received = await self.call(asked)
        async with aclosing(received) as chunks:
            body = b"".join([chunk.raw async for chunk in chunks])
        return read_vectors(body, len(texts))

    async def probe(self, caller: Caller, config: ProviderConfig, order: Order) -> AsyncGenerator[Chunk]:
        """Send an order to one provider, paid for and written down as any other call. Raises as `Metering.run` does."""
        route = Route(f"{config.name}/{order.model}", (Target(config, order.model),))
        request = order.chat()
        asked = Asked(
            caller,
            uuid7(),
            route,
            Native(Wire.OWN, {}, stream=True),
            order.chat,
            size=measure(msgspec.json.encode(request)),
            output_tokens_most=request.output_tokens_most,
        )
        terms = await self._terms(asked)

        def the_order(target: Target, most: int | None) -> Order:
            del target, most
            return order

        async with aclosing(self._probing().run(Call(route, the_order), terms)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def configuration(self, caller: Caller) -> Configuration:
        """Return what the caller's organisation has configured, at most a second old."""
        known = self._configurations.get(caller.tenant_id)
        age_s = math.inf if known is None else time.monotonic() - known.read_at
        if known is None or age_s >= _CONFIGURATION_S:
            return await asyncio.shield(self._reading(caller))
        if age_s >= _CONFIGURATION_S / 2:
            # Read anew behind the back of a call, so that busy callers never wait for it.
            self._reading(caller)
        return known

    def _reading(self, caller: Caller) -> "asyncio.Task[Configuration]":
        """Return the reading of a configuration that runs, or begin one."""
        task = self._readings.get(caller.tenant_id)
        if task is None:
            task = self._readings[caller.tenant_id] = asyncio.create_task(self._read_configuration(caller))
            task.add_done_callback(lambda done: self._end_reading(caller.tenant_id, done))
        return task

    def _end_reading(self, tenant_id: UUID, task: "asyncio.Task[Configuration]") -> None:
        del self._readings[tenant_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            # Whoever waited for it has it; a later call reads anew, and must once the old one is a second old.
            _log.warning("The configuration of an organisation could not be read (%s).", type(error).__name__)

    async def _read_configuration(self, caller: Caller) -> Configuration:
        async with self._database.transaction(caller) as connection:
            providers = await self._providers_of(connection)
            spending = await PostgresSpendingStore(connection).fetch_spending()
        known = self._configurations.get(caller.tenant_id)
        if len(self._configurations) >= _CONFIGURATIONS_MOST:
            self._configurations.clear()
        today = datetime.now(UTC).date()
        if known is not None and (known.providers, known.spending, known.on) == (providers, spending, today):
            fresh = replace(known, read_at=time.monotonic())
        else:
            fresh = Configuration(providers, self._operator.aliases, spending, today, time.monotonic())
        self._configurations[caller.tenant_id] = fresh
        return fresh

    async def call(self, asked: Asked) -> tuple[Call, AsyncGenerator[Chunk]]:
        """Return a call in its caller's own format, and what will arrive from it, as `Metering.run` says."""
        targets = asked.route.targets
        if targets[-1].provider is QUOTES_PROVIDER and all(one.provider is QUOTES_PROVIDER for one in targets):
            # Quotes are no model's tokens.
            asked = replace(asked, size=Size(0, 0), output_tokens_most=0)
        native = asked.native
        terms = await self._terms(asked)

        def order(target: Target, most: int | None) -> Order:
            chat = asked.chat if most is None else lambda: replace(asked.chat(), output_tokens_most=most)
            return Order(target.model, chat, native, most, caller=asked.caller)

        call = Call(asked.route, order, native.stream, said=asked.said)
        if any(target.takes != EVERYTHING for target in asked.route.targets):
            call.needs = needs_of(native, asked.chat)
        if len(asked.route.targets) > 1:
            call.prefix = prefix_of(asked.caller, native, asked.size.characters)
        key = cache_key(asked.caller, asked.route, native) if asked.keep else None
        return call, self._metering.run(call, terms) if key is None else self._metering.run_once(call, terms, key)

    async def _terms(self, asked: Asked) -> Terms:
        configuration = asked.configuration or await self.configuration(asked.caller)
        caller = asked.caller
        party = configuration.parties.get(caller.person_id)
        if party is None:
            joined_at = await self._joined_at(caller)
            party = Party(caller.tenant_id, caller.person_id, joined_at, configuration.spending, self._defaults)
            if len(configuration.parties) >= _PEOPLE_MOST:
                configuration.parties.clear()
            configuration.parties[caller.person_id] = party
        return Terms(
            caller=asked.caller,
            call_id=asked.call_id,
            party=party,
            wire=asked.native.wire,
            asked_model=asked.route.name,
            streamed=asked.native.stream,
            characters=asked.size.characters,
            input_tokens_most=asked.size.tokens_most,
            output_tokens_most=asked.output_tokens_most,
            trace=dict(asked.trace),
        )

    async def _joined_at(self, caller: Caller) -> datetime:
        joined_at = self._joined.get(caller.person_id)
        if joined_at is None:
            async with self._database.transaction(caller) as connection:
                joined_at = await PostgresSpendingStore(connection).fetch_joined_at(caller.person_id) or ALWAYS
            if len(self._joined) >= _PEOPLE_MOST:
                self._joined.clear()
            self._joined[caller.person_id] = joined_at
        return joined_at

    async def _providers_of(self, connection: Connection) -> list[ProviderConfig]:
        return await list_providers(PostgresProviderStore(connection, self._box), self._operator.providers)
