"""The facade of the gateway slice: which models there are, and replies of them."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from cairn.gateway.domain.calls import Chunk, Native, Order
from cairn.gateway.domain.failures import FailureCode, ModelNotFound, ProviderFailure
from cairn.gateway.domain.messages import ChatRequest, Message, Stopped, StopReason, StreamPart, TextDelta, Usage, say
from cairn.gateway.domain.providers import QUOTES, Model, ProviderConfig, list_models
from cairn.gateway.domain.routing import Alias, Route, Target, find_route
from cairn.gateway.formats import OperatorProviders, read_operator_providers
from cairn.gateway.ports import ProviderFactory
from cairn.gateway.postgres import PostgresProviderStore
from cairn.gateway.usecases.calls import Call, Dispatcher, Targets
from cairn.gateway.usecases.providers import list_providers
from cairn.kernel.identity import Caller
from cairn.platform.database import Connection, Database
from cairn.platform.secrets import SecretBox

__all__ = [
    "QUOTES",
    "ChatRequest",
    "ChosenModel",
    "FailureCode",
    "Gateway",
    "Message",
    "Model",
    "ModelNotFound",
    "OperatorProviders",
    "ProviderFailure",
    "StopReason",
    "Stopped",
    "StreamPart",
    "TextDelta",
    "Usage",
    "read_operator_providers",
    "say",
]

# What an organisation has configured is read this often, so that a call costs no query.
_CONFIGURATION_S = 1.0
_CONFIGURATIONS_MOST = 1_000


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model that exists, with what it takes to call it. `route` is None for `quotes`."""

    name: str
    route: Route | None

    @property
    def extracts_only(self) -> bool:
        """True when no language model writes the answer."""
        return self.route is None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an organisation can ask, as of `read_at` by the monotonic clock."""

    providers: Sequence[ProviderConfig]
    aliases: Sequence[Alias]
    read_at: float


class Gateway:
    """The models of an organisation: those of its page, of the operator's file, and `quotes`."""

    def __init__(
        self, database: Database, providers: ProviderFactory, box: SecretBox, operator: OperatorProviders
    ) -> None:
        self._database = database
        self._box = box
        self._operator = operator
        self._dispatcher = Dispatcher(providers, Targets())
        self._configurations: dict[UUID, Configuration] = {}

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
        return ChosenModel(name, find_route(configured, self._operator.aliases, name))

    async def stream(self, caller: Caller, chosen: ChosenModel, request: ChatRequest) -> AsyncGenerator[StreamPart]:
        """Stream one reply, `Stopped` at its end. Raises `ProviderFailure`, also before the first part."""
        del caller  # Its usage is not written down yet.
        if chosen.route is None:
            raise ModelNotFound(chosen.name)
        call = Call(chosen.route, lambda target: Order(target.model, lambda: request))
        async with aclosing(self._dispatcher.run(call)) as chunks:
            async for chunk in chunks:
                for part in chunk.parts:
                    yield part

    async def configuration(self, caller: Caller) -> Configuration:
        """Return what the caller's organisation has configured, at most a second old."""
        known = self._configurations.get(caller.tenant_id)
        if known is not None and time.monotonic() - known.read_at < _CONFIGURATION_S:
            return known
        async with self._database.transaction(caller) as connection:
            providers = await self._providers_of(connection)
        if len(self._configurations) >= _CONFIGURATIONS_MOST:
            self._configurations.clear()
        fresh = Configuration(providers, self._operator.aliases, time.monotonic())
        self._configurations[caller.tenant_id] = fresh
        return fresh

    def call(self, route: Route, native: Native, chat: Callable[[], ChatRequest]) -> tuple[Call, AsyncGenerator[Chunk]]:
        """Return a call in its caller's own format, and what will arrive from it, as `Dispatcher.run` says."""

        def order(target: Target) -> Order:
            return Order(target.model, chat, native)

        call = Call(route, order)
        return call, self._dispatcher.run(call)

    async def _providers_of(self, connection: Connection) -> list[ProviderConfig]:
        return await list_providers(PostgresProviderStore(connection, self._box), self._operator.providers)
