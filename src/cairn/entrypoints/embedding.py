"""Embeddings of a provider, asked through the gateway: the adapter between two slices that do not know each other."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cairn.gateway.api import Gateway, LimitReached, ModelNotFound, ProviderFailure, read_operator_providers
from cairn.gateway.providers.factory import HttpProviders
from cairn.kernel.errors import InvalidArgument, Unavailable
from cairn.kernel.identity import Caller, Role
from cairn.platform.database import Database
from cairn.platform.secrets import SecretBox
from cairn.platform.settings import ProcessSettings
from cairn.search.api import Embedder, embedded_model

_SYSTEM_PERSON = UUID(int=0)
# A provider takes long texts in one request; a batch of the worker has 32.
_SECONDS_MOST = 60.0


class GatewayEmbedder:
    """`search.ports.Embedder` that asks a provider's model. Its organisation pays, as for any other call."""

    ready = True

    def __init__(self, gateway: Gateway, model: str) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self.name = model

    async def prepare(self) -> None:
        """Nothing to prepare."""

    def embed(self, texts: Sequence[str], tenant_id: UUID | None = None) -> NDArray[np.float32]:
        """Return one unit vector a text, for an organisation. Blocks: call it in a thread. Raises `Unavailable`."""
        if tenant_id is None:
            message = f"{self.name} embeds for an organisation only."
            raise Unavailable(message)
        caller = Caller(tenant_id, _SYSTEM_PERSON, "Cairn", Role.SYSTEM)
        asked = asyncio.run_coroutine_threadsafe(self._gateway.embed(caller, self.name, texts), self._loop)
        try:
            vectors = np.array(asked.result(_SECONDS_MOST), np.float32)
        except TimeoutError as error:
            asked.cancel()
            message = f"{self.name} did not answer within {_SECONDS_MOST:.0f} seconds."
            raise Unavailable(message) from error
        except (ProviderFailure, ModelNotFound, InvalidArgument, LimitReached) as error:
            message = f"{self.name} could not embed: {error.message}"
            raise Unavailable(message) from error
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def embedders(settings: ProcessSettings, gateway: Gateway | None) -> list[Embedder]:
    """Return the embedding models, the one to embed with first. The one that comes with Cairn is always there."""
    own = embedded_model(settings.home)
    if not settings.embedding_model or gateway is None:
        return [own]
    return [GatewayEmbedder(gateway, settings.embedding_model), own]


@asynccontextmanager
async def open_gateway(
    settings: ProcessSettings, database: Database, *, local: bool = True
) -> AsyncGenerator[Gateway | None]:
    """Give a gateway when a provider embeds, and close it afterwards. `local` is as for the server."""
    if not settings.embedding_model:
        yield None
        return
    providers = HttpProviders.open(local=local)
    box, operator = SecretBox.open(settings.home), read_operator_providers(settings.home)
    try:
        async with Gateway(database, providers, box, operator, local=local) as gateway:
            yield gateway
    finally:
        await providers.close()
