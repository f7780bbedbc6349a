"""What people do with providers and models."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import UUID

from cairn.gateway.domain.calls import Chunk, Order
from cairn.gateway.domain.failures import FailureCode, ProviderFailure
from cairn.gateway.domain.messages import ChatRequest, Stopped, TextDelta, say
from cairn.gateway.domain.providers import ProviderConfig, check_provider
from cairn.gateway.ports import ProviderNameTaken, ProviderStore
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.phrases import Phrase


class ProviderNotFound(NotFound):
    """There is no such provider here."""

    def __init__(self) -> None:
        super().__init__(
            Phrase("no_provider", "There is no such provider. It may have been removed; load the list again."),
            field="id",
        )


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a test of a provider went. `first_token_ms` is 0 when no token came."""

    __test__ = False

    ok: bool
    message: str
    first_token_ms: int = 0


async def list_providers(store: ProviderStore, operator: Sequence[ProviderConfig]) -> list[ProviderConfig]:
    """Return the operator's providers, then those of the page that do not share a name with them."""
    names = {provider.name for provider in operator}
    return [*operator, *(provider for provider in await store.fetch_all() if provider.name not in names)]


async def save_provider(
    store: ProviderStore,
    operator: Sequence[ProviderConfig],
    provider: ProviderConfig,
    *,
    key: str | None,
    is_new: bool,
    private_allowed: bool,
) -> ProviderConfig:
    """Add or change a provider and return it. `key` None keeps the stored key, and "" removes it.

    Raises `InvalidArgument`, `ProviderNotFound` and `ProviderNameTaken`. A stored key is kept only while the address
    stays: else whoever may change the address could have the key sent to themselves.
    """
    if any(provider.name == other.name for other in operator):
        raise ProviderNameTaken(provider.name)
    stored = None if is_new else await store.fetch(provider.id)
    if stored is None and not is_new:
        raise ProviderNotFound
    if key is None and stored is not None and stored.key:
        if (stored.url, stored.kind) != (provider.url, provider.kind):
            raise InvalidArgument(
                Phrase("key_again", "The address has changed. Enter the key again, so that it goes nowhere unasked."),
                field="key",
            )
        key = stored.key
    saved = replace(provider, key=(key or "").strip())
    check_provider(saved, private_allowed=private_allowed)
    await store.save(saved)
    return saved


async def delete_provider(store: ProviderStore, provider_id: UUID) -> None:
    """Remove a provider and its key. Raises `ProviderNotFound`."""
    if not await store.delete(provider_id):
        raise ProviderNotFound


async def test_provider(config: ProviderConfig, send: Callable[[Order], AsyncGenerator[Chunk]]) -> TestResult:
    """Send one short request to the provider's first model and say how it went."""
    request = ChatRequest(
        model=config.models[0],
        system="",
        messages=[say("user", "Reply with the word OK.")],
        output_tokens_most=256,
    )
    begun = time.perf_counter()
    first_token_ms = 0
    try:
        async with aclosing(send(Order(request.model, lambda: request))) as chunks:
            async for chunk in chunks:
                for part in chunk.parts:
                    if isinstance(part, TextDelta) and not first_token_ms:
                        first_token_ms = max(1, round((time.perf_counter() - begun) * 1000))
                    if isinstance(part, Stopped) and not first_token_ms:
                        return TestResult(ok=True, message=f"{config.name} answered, but without words.")
    except ProviderFailure as failure:
        return TestResult(ok=False, message=failure.message, first_token_ms=first_token_ms)
    return TestResult(
        ok=True, message=f"{config.name} answered with {config.models[0]}.", first_token_ms=first_token_ms
    )


def require_key(config: ProviderConfig) -> None:
    """Raise `ProviderFailure` when the provider's stored key can no longer be opened."""
    if config.key_lost:
        message = Phrase(
            "key_sealed",
            "The key of {name} can no longer be opened by this server. Enter it again under Models.",
            name=config.name,
        )
        raise ProviderFailure(FailureCode.REFUSED_KEY, message)
