"""What the gateway needs from outside."""

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Protocol
from uuid import UUID

from cairn.gateway.domain.calls import Chunk, Order
from cairn.gateway.domain.providers import ProviderConfig
from cairn.gateway.domain.wires import Wire
from cairn.kernel.errors import AlreadyExists


class ProviderNameTaken(AlreadyExists):
    """Another provider of the organisation has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is a provider named {name!r} already. Choose another name, or change that one.", field="name"
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
        was not to be streamed is one chunk. Raises `InvalidRequest` and `Untranslatable` before anything is sent, and
        `ProviderFailure`; a stream that ends without `Stopped` always raises. Closing the generator, or
        cancelling the task that reads it, closes the connection to the provider at once.
        """
        ...


class ProviderFactory(Protocol):
    """Makes the provider that a configuration describes."""

    def __call__(self, config: ProviderConfig) -> Provider:
        """Return a provider. Opens no connection."""
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
