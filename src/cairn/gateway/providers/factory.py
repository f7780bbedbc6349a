"""Chooses the adapter for a configured provider."""

from typing import Self

from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from cairn.gateway.ports import Provider
from cairn.gateway.providers.anthropic import AnthropicProvider
from cairn.gateway.providers.azure import AzureOpenAIProvider
from cairn.gateway.providers.gemini import GeminiProvider
from cairn.gateway.providers.http import StreamLimits
from cairn.gateway.providers.openai import OpenAIProvider
from cairn.platform.egress import EgressSession

_ADAPTERS = {
    ProviderKind.ANTHROPIC: AnthropicProvider,
    ProviderKind.OPENAI: OpenAIProvider,
    ProviderKind.OPENAI_COMPATIBLE: OpenAIProvider,
    ProviderKind.GEMINI: GeminiProvider,
    ProviderKind.AZURE_OPENAI: AzureOpenAIProvider,
}


class HttpProviders:
    """Every provider that is called over HTTP, on two pools of connections: public addresses, and any."""

    def __init__(self, public: EgressSession, anywhere: EgressSession, *, local: bool, limits: StreamLimits) -> None:
        self._public = public
        self._anywhere = anywhere
        self._local = local
        self._limits = limits

    @classmethod
    def open(cls, *, local: bool, limits: StreamLimits | None = None) -> Self:
        """Open the pools. `local` is true when only this machine's owner can configure providers."""
        public = EgressSession.open(private_allowed=False)
        anywhere = EgressSession.open(private_allowed=True)
        return cls(public, anywhere, local=local, limits=limits or StreamLimits())

    def __call__(self, config: ProviderConfig) -> Provider:
        """Return the adapter for `config`, as `ports.ProviderFactory` says."""
        session = self._anywhere if self._local or config.from_file else self._public
        return _ADAPTERS[config.kind](config, session, self._limits)

    async def close(self) -> None:
        """Close every connection."""
        await self._public.close()
        await self._anywhere.close()
