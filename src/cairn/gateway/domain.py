"""What is said to a language model and what comes back, in words that belong to no provider."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from cairn.kernel.errors import CairnError, Code, InvalidArgument, NotFound

QUOTES = "quotes"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MODEL = re.compile(r"[\x21-\x7e]{1,200}")
MODELS_MOST = 100
KEY_CHARACTERS_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation that a model sees."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request for one streamed reply.

    `model` is the provider's own name for it, without our prefix. `system` holds the instructions, which no
    message may override. None for `temperature` leaves the provider's default.
    """

    model: str
    system: str
    messages: Sequence[Message]
    output_tokens_most: int = 4_096
    temperature: float | None = None


class StopReason(StrEnum):
    """Why a model ended its reply of its own accord."""

    COMPLETE = "complete"
    LENGTH = "length"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them. A later report replaces an earlier one."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """The clean end: always the last part, and the only proof that the reply is whole."""

    reason: StopReason


StreamPart: TypeAlias = TextDelta | Usage | Stopped


class FailureCode(StrEnum):
    """What went wrong between us and a provider."""

    REFUSED_KEY = "provider_refused_key"
    UNREACHABLE = "provider_unreachable"
    BUSY = "provider_busy"
    ERROR = "provider_error"
    STREAM_CUT = "stream_cut"
    TIMEOUT = "timeout"


class ProviderFailure(CairnError):
    """A provider did not give a whole reply. The message tells what to do next.

    `retry_after_s` is what the provider asked for, or None.
    """

    code = Code.UNAVAILABLE

    def __init__(self, failure: FailureCode, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after_s = retry_after_s


class ModelNotFound(NotFound):
    """No configured provider offers the model."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no model {name[:200]!r}. Choose one of the listed models.", field="model")


class ProviderKind(StrEnum):
    """Which wire format a provider speaks."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    OPENAI_COMPATIBLE = "openai_compatible"


DEFAULT_BASE_URLS = {
    ProviderKind.ANTHROPIC: "https://api.anthropic.com",
    ProviderKind.OPENAI: "https://api.openai.com/v1",
}


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """A provider as configured. `key` never appears in a repr, a log or a reply.

    `key_lost` says that there was a key and that the server's master key no longer opens it.
    """

    id: UUID
    kind: ProviderKind
    name: str
    base_url: str
    models: tuple[str, ...]
    key: str = field(default="", repr=False)
    key_lost: bool = False
    from_file: bool = False

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return (self.base_url or DEFAULT_BASE_URLS.get(self.kind, "")).rstrip("/")


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


def find_model(providers: Sequence[ProviderConfig], name: str) -> tuple[ProviderConfig, str]:
    """Return the provider of `provider/model` and the model's own name. Raises `ModelNotFound`."""
    provider_name, _, model = name.partition("/")
    for provider in providers:
        if provider.name == provider_name and model in provider.models:
            return provider, model
    raise ModelNotFound(name)


def check_provider(provider: ProviderConfig, *, private_allowed: bool) -> None:
    """Raise `InvalidArgument`, naming the field, when the configuration cannot work or may not be used.

    `private_allowed` is true in local mode and for the operator's own file. Otherwise a page of a shared server
    could make it call into its own network, so only public addresses over TLS are left.
    """
    if not _NAME.fullmatch(provider.name) or provider.name == QUOTES:
        message = (
            "A provider's name is 1 to 40 small letters, digits, '-' or '_', and not 'quotes'. Example: 'anthropic'."
        )
        raise InvalidArgument(message, field="name")
    if not provider.models:
        raise InvalidArgument("Name at least one model, as the provider calls it.", field="models")
    if len(provider.models) > MODELS_MOST or len(set(provider.models)) != len(provider.models):
        raise InvalidArgument(f"List up to {MODELS_MOST} models, each once.", field="models")
    for model in provider.models:
        if not _MODEL.fullmatch(model):
            raise InvalidArgument("A model's name is 1 to 200 printable characters without spaces.", field="models")
    if len(provider.key) > KEY_CHARACTERS_MOST or not all("\x20" < character < "\x7f" for character in provider.key):
        raise InvalidArgument("The key holds characters that no key has. Copy it again.", field="key")
    _check_url(provider, private_allowed=private_allowed)


def _check_url(provider: ProviderConfig, *, private_allowed: bool) -> None:
    if not provider.url:
        raise InvalidArgument("Give the server's address, for example http://localhost:11434/v1.", field="base_url")
    try:
        parts = urlsplit(provider.url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise InvalidArgument("The address is not a URL.", field="base_url") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgument("The address must begin with http:// or https://.", field="base_url")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidArgument(
            "The address may hold no user, query or fragment. Keys have their own field.", field="base_url"
        )
    if not private_allowed and (parts.scheme != "https" or is_private_host(host)):
        message = "On a shared server a provider needs a public https:// address. The operator can add others by file."
        raise InvalidArgument(message, field="base_url")


def is_private_host(host: str) -> bool:
    """Tell whether a host, as written, is this machine or a private network. A name still has to be resolved."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
