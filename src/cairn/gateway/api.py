"""The facade of the gateway slice: which models there are, and a stream from one of them."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from cairn.gateway.domain import (
    QUOTES,
    ChatRequest,
    FailureCode,
    Message,
    Model,
    ModelNotFound,
    ProviderConfig,
    ProviderFailure,
    Stopped,
    StopReason,
    StreamPart,
    TextDelta,
    Usage,
    find_model,
    list_models,
)
from cairn.gateway.formats import OperatorProviders, read_operator_providers
from cairn.gateway.ports import ProviderFactory
from cairn.gateway.postgres import PostgresProviderStore
from cairn.gateway.usecases import list_providers, require_key
from cairn.platform.database import Connection
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
]


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model that exists, with what it takes to call it. `provider` is None for `quotes`."""

    name: str
    provider: ProviderConfig | None
    provider_model: str

    @property
    def extracts_only(self) -> bool:
        """True when no language model writes the answer."""
        return self.provider is None


class Gateway:
    """The models of an organisation: those of its page, of the operator's file, and `quotes`."""

    def __init__(self, providers: ProviderFactory, box: SecretBox, operator: OperatorProviders) -> None:
        self._providers = providers
        self._box = box
        self._operator = operator.providers

    async def list_models(self, connection: Connection) -> Sequence[Model]:
        """Return every model that can be asked, the default first."""
        return list_models(await self._configured(connection))

    async def choose(self, connection: Connection, name: str) -> ChosenModel:
        """Return the model of that name, or the default for "". Raises `ModelNotFound`."""
        if name == QUOTES:
            return ChosenModel(QUOTES, None, "")
        configured = await self._configured(connection)
        if not name:
            name = list_models(configured)[0].name
            if name == QUOTES:
                return ChosenModel(QUOTES, None, "")
        provider, model = find_model(configured, name)
        return ChosenModel(name, provider, model)

    def stream(self, chosen: ChosenModel, request: ChatRequest) -> AsyncGenerator[StreamPart]:
        """Stream one reply, as `ports.Provider` says. Raises `ProviderFailure`, also before the first part."""
        if chosen.provider is None:
            raise ModelNotFound(chosen.name)
        require_key(chosen.provider)
        return self._providers(chosen.provider).stream(request)

    async def _configured(self, connection: Connection) -> list[ProviderConfig]:
        return await list_providers(PostgresProviderStore(connection, self._box), self._operator)
