"""Configurations of, and requests to, the test providers."""

from uuid import UUID

from cairn.gateway.domain.calls import Order
from cairn.gateway.domain.messages import ChatRequest, say
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind
from support.providers.server import KEY, TestProviders


def configure(servers: TestProviders, kind: ProviderKind, *models: str, key: str = KEY) -> ProviderConfig:
    openai = {ProviderKind.OPENAI, ProviderKind.OPENAI_COMPATIBLE}
    base_url = servers.openai_url if kind in openai else servers.base
    return ProviderConfig(UUID(int=1), kind, kind.value, base_url, models or ("words",), key=key)


def ask(model: str) -> Order:
    request = ChatRequest(model, "Answer briefly.", [say("user", "Why Kafka?")], output_tokens_most=100)
    return Order(model, lambda: request)
