"""Providers as configured, and the models that they offer."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from cairn.gateway.domain.capabilities import Capability
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase

QUOTES = "quotes"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MODEL = re.compile(r"[\x21-\x7e]{1,200}")
MODELS_MOST = 100
KEY_CHARACTERS_MOST = 1_000
DRAIN_MOST_S = 120.0


class ProviderKind(StrEnum):
    """Which wire format a provider speaks."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    OPENAI_COMPATIBLE = "openai_compatible"
    GEMINI = "gemini"
    AZURE_OPENAI = "azure_openai"


DEFAULT_BASE_URLS = {
    ProviderKind.ANTHROPIC: "https://api.anthropic.com",
    ProviderKind.OPENAI: "https://api.openai.com/v1",
    ProviderKind.GEMINI: "https://generativelanguage.googleapis.com",
}


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """A provider as configured. `key` never appears in a repr, a log or a reply.

    `key_lost` says that there was a key and that the server's master key no longer opens it. For `drain_s`
    seconds a reply is read on whose client has left, to be counted: for a provider that bills it to its end anyway.
    `takes` says what some of its models take, where the catalogue does not know or is wrong.
    """

    id: UUID
    kind: ProviderKind
    name: str
    base_url: str
    models: tuple[str, ...]
    key: str = field(default="", repr=False)
    key_lost: bool = False
    from_file: bool = False
    drain_s: float = 0.0
    takes: tuple[tuple[str, frozenset[Capability]], ...] = ()

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return (self.base_url or DEFAULT_BASE_URLS.get(self.kind, "")).rstrip("/")


# What answers with extracts, as a provider, so that calls of it are limited, watched and written down like all others.
QUOTES_PROVIDER = ProviderConfig(
    id=UUID(int=0), kind=ProviderKind.OPENAI_COMPATIBLE, name="cairn", base_url="", models=(QUOTES,), from_file=True
)


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked, by the name Cairn gives it."""

    name: str
    provider: str
    extracts_only: bool = False
    default: bool = False


def list_models(providers: Sequence[ProviderConfig]) -> list[Model]:
    """Return every model that can be asked, the default first and `quotes` always among them.

    The default is the first model of the first provider: whoever connects a provider wants to use it.
    """
    names = [(f"{provider.name}/{model}", provider.name) for provider in providers for model in provider.models]
    models = [Model(name=name, provider=provider, default=at == 0) for at, (name, provider) in enumerate(names)]
    return [*models, Model(name=QUOTES, provider="", extracts_only=True, default=not models)]


def is_model_name(text: str) -> bool:
    """Tell whether a model may be called so: 1 to 200 printable characters without spaces."""
    return _MODEL.fullmatch(text) is not None


def check_provider(provider: ProviderConfig, *, private_allowed: bool) -> None:
    """Raise `InvalidArgument`, naming the field, when the configuration cannot work or may not be used.

    `private_allowed` is true in local mode and for the operator's own file. Otherwise a page of a shared server
    could make it call into its own network, so only public addresses over TLS are left.
    """
    if not _NAME.fullmatch(provider.name) or provider.name == QUOTES:
        message = Phrase(
            "provider_name",
            "A provider's name is 1 to 40 small letters, digits, '-' or '_', and not 'quotes'. Example: 'anthropic'.",
        )
        raise InvalidArgument(message, field="name")
    if not provider.models:
        raise InvalidArgument(
            Phrase("models_none", "Name at least one model, as the provider calls it."), field="models"
        )
    if len(provider.models) > MODELS_MOST or len(set(provider.models)) != len(provider.models):
        raise InvalidArgument(f"List up to {MODELS_MOST} models, each once.", field="models")
    for model in provider.models:
        if not is_model_name(model):
            raise InvalidArgument(
                Phrase("model_form", "A model's name is 1 to 200 printable characters without spaces."), field="models"
            )
    if len(provider.key) > KEY_CHARACTERS_MOST or not all("\x20" < character < "\x7f" for character in provider.key):
        raise InvalidArgument(
            Phrase("key_form", "The key holds characters that no key has. Copy it again."), field="key"
        )
    if not 0 <= provider.drain_s <= DRAIN_MOST_S:
        message = f"A reply that nobody waits for is read on for 0 to {DRAIN_MOST_S:.0f} seconds."
        raise InvalidArgument(message, field="drain_seconds")
    _check_url(provider, private_allowed=private_allowed)


def _check_url(provider: ProviderConfig, *, private_allowed: bool) -> None:
    if not provider.url:
        raise InvalidArgument(
            Phrase("address_missing", "Give the server's address, for example http://localhost:11434/v1."),
            field="base_url",
        )
    try:
        parts = urlsplit(provider.url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise InvalidArgument(Phrase("address_url", "The address is not a URL."), field="base_url") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgument(
            Phrase("address_scheme", "The address must begin with http:// or https://."), field="base_url"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidArgument(
            Phrase("address_parts", "The address may hold no user, query or fragment. Keys have their own field."),
            field="base_url",
        )
    if not private_allowed and (parts.scheme != "https" or is_private_host(host)):
        message = Phrase(
            "provider_private",
            "On a shared server a provider needs a public https:// address. The operator can add others by file.",
        )
        raise InvalidArgument(message, field="base_url")


def is_private_host(host: str) -> bool:
    """Tell whether a host, as written, is this machine or a private network. A name still has to be resolved."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
