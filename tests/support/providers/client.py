"""Configurations of, and requests to, the test providers."""

from uuid import UUID

from cairn.gateway.domain import ChatRequest, Message, ProviderConfig, ProviderKind
from support.providers.server import KEY, TestProviders


def configure(servers: TestProviders, kind: ProviderKind, *models: str, key: str = KEY) -> ProviderConfig:
    base_url = servers.anthropic_url if kind is ProviderKind.ANTHROPIC else servers.openai_url
    return ProviderConfig(UUID(int=1), kind, kind.value, base_url, models or ("words",), key=key)


def ask(model: str) -> ChatRequest:
    return ChatRequest(model, "Answer briefly.", [Message("user", "Why Kafka?")], output_tokens_most=100)
