"""`providers.toml`: providers that the operator of a server configures for everyone on it.

    [[provider]]
    name = "ollama"
    kind = "openai_compatible"              # or "anthropic", "openai", "gemini", "azure_openai"
    base_url = "http://localhost:11434/v1"  # may be left out for "anthropic" and "openai"
    models = ["llama3.3"]
    key_env = "OLLAMA_KEY"                  # the variable that holds the key; or key = "...", or neither
    drain_seconds = 0                       # read on for so long when a client leaves, as it is billed anyway
    takes = { "llama3.3" = ["tools"] }      # of "tools", "images", "json"; a model that is left out may take all

    [[alias]]                               # a name of your own for models, tried one after the other
    name = "fast"
    targets = ["ollama/llama3.3", "anthropic/claude-haiku-5-5"]
    strategy = "order"                      # or "weight" (with weights = [3, 1]), "latency", "cost"

The variables ANTHROPIC_API_KEY, OPENAI_API_KEY and GEMINI_API_KEY alone also make a provider, unless the file has one
of that kind.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast
from uuid import NAMESPACE_URL, uuid5

import msgspec

from cairn.gateway.domain.capabilities import Capability
from cairn.gateway.domain.providers import QUOTES, ProviderConfig, ProviderKind, check_provider, is_model_name
from cairn.gateway.domain.routing import TARGETS_MOST, Alias, Strategy
from cairn.kernel.errors import InvalidArgument

FILE_NAME = "providers.toml"
_FILE_BYTES_MOST = 256 * 1024

# Models of November 2026, in the order of choice. A file or the page can name others.
_FROM_ENVIRONMENT = (
    ("ANTHROPIC_API_KEY", ProviderKind.ANTHROPIC, ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5")),
    ("OPENAI_API_KEY", ProviderKind.OPENAI, ("gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna")),
    ("GEMINI_API_KEY", ProviderKind.GEMINI, ("gemini-3.8-flash",)),
)


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    kind: ProviderKind
    models: list[str]
    base_url: str = ""
    key: str = ""
    key_env: str = ""
    drain_seconds: float = 0.0
    takes: dict[str, list[Capability]] = {}


class _Alias(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    targets: list[str]
    strategy: Strategy = Strategy.ORDER
    weights: list[float] = []


@dataclass(frozen=True, slots=True)
class OperatorProviders:
    """What the file and the environment configure. Each problem names its place and the remedy; the rest counts."""

    providers: tuple[ProviderConfig, ...] = ()
    problems: tuple[str, ...] = field(default=())
    aliases: tuple[Alias, ...] = ()


def read_operator_providers(home: Path, environment: Mapping[str, str] = os.environ) -> OperatorProviders:
    """Read `home`/providers.toml and the two key variables. Raises nothing: problems are returned."""
    path = home / FILE_NAME
    providers: list[ProviderConfig] = []
    problems: list[str] = []
    entries, raw_aliases = _read_file(path, problems)
    for at, raw in enumerate(entries, start=1):
        try:
            provider = _read_entry(raw, path, environment, taken={other.name for other in providers})
        except (InvalidArgument, msgspec.ValidationError) as error:
            problems.append(f"{path}, provider {at}: {error}")
        else:
            providers.append(provider)
    providers.extend(_from_environment(environment, providers))
    aliases: list[Alias] = []
    for at, raw in enumerate(raw_aliases, start=1):
        try:
            aliases.append(_read_alias(raw, taken={other.name for other in aliases}))
        except (InvalidArgument, msgspec.ValidationError) as error:
            problems.append(f"{path}, alias {at}: {error}")
    return OperatorProviders(tuple(providers), tuple(problems), tuple(aliases))


def _read_file(path: Path, problems: list[str]) -> tuple[list[object], list[object]]:
    """Return the tables of providers and of aliases."""
    try:
        with path.open("rb") as file:
            content = file.read(_FILE_BYTES_MOST + 1)
    except FileNotFoundError:
        return [], []
    except OSError as error:
        problems.append(f"{path} cannot be read: {error.strerror}.")
        return [], []
    if len(content) > _FILE_BYTES_MOST:
        problems.append(f"{path} is larger than {_FILE_BYTES_MOST} bytes.")
        return [], []
    try:
        found = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path} is not TOML: {error}")
        return [], []
    entries, aliases = found.get("provider", []), found.get("alias", [])
    if not isinstance(entries, list) or not isinstance(aliases, list) or set(found) - {"provider", "alias"}:
        problems.append(f"{path} may hold [[provider]] and [[alias]] tables only.")
        return [], []
    return cast("list[object]", entries), cast("list[object]", aliases)


def _read_alias(raw: object, *, taken: set[str]) -> Alias:
    entry = msgspec.convert(raw, _Alias)
    if not is_model_name(entry.name) or entry.name == QUOTES or entry.name in taken:
        raise InvalidArgument("an alias has a name of its own: 1 to 200 printable characters without spaces")
    if not 1 <= len(entry.targets) <= TARGETS_MOST:
        raise InvalidArgument(f"an alias has 1 to {TARGETS_MOST} targets")
    weights = entry.weights or [1.0] * len(entry.targets)
    if len(weights) != len(entry.targets) or not all(0 < weight < float("inf") for weight in weights):
        raise InvalidArgument("weights are positive numbers, one for each target")
    return Alias(entry.name, tuple(zip(entry.targets, weights, strict=True)), entry.strategy)


def _read_entry(raw: object, path: Path, environment: Mapping[str, str], *, taken: set[str]) -> ProviderConfig:
    entry = msgspec.convert(raw, _Entry)
    if entry.name in taken:
        raise InvalidArgument(f"the name {entry.name!r} is there twice")
    if entry.key and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise InvalidArgument(f"the file holds a key and others may read it. Run: chmod 600 {path}")
    if entry.key_env and entry.key_env not in environment:
        raise InvalidArgument(f"the variable {entry.key_env} is not set")
    if unknown := sorted(set(entry.takes) - set(entry.models)):
        raise InvalidArgument(f"takes names {unknown[0]!r}, which is none of its models")
    provider = _provider(
        entry.name,
        entry.kind,
        models=tuple(entry.models),
        base_url=entry.base_url,
        key=entry.key or environment.get(entry.key_env, ""),
        drain_s=entry.drain_seconds,
    )
    provider = replace(provider, takes=tuple((model, frozenset(takes)) for model, takes in entry.takes.items()))
    check_provider(provider, private_allowed=True)
    return provider


def _from_environment(environment: Mapping[str, str], providers: list[ProviderConfig]) -> list[ProviderConfig]:
    taken = {provider.kind for provider in providers}
    names = {provider.name for provider in providers}
    return [
        _provider(kind.value, kind, models=models, base_url="", key=environment[variable])
        for variable, kind, models in _FROM_ENVIRONMENT
        if environment.get(variable) and kind not in taken and kind.value not in names
    ]


def _provider(
    name: str, kind: ProviderKind, *, models: tuple[str, ...], base_url: str, key: str, drain_s: float = 0.0
) -> ProviderConfig:
    return ProviderConfig(
        id=uuid5(NAMESPACE_URL, f"{FILE_NAME}#{name}"),
        kind=kind,
        name=name,
        base_url=base_url,
        models=models,
        key=key,
        from_file=True,
        drain_s=drain_s,
    )
