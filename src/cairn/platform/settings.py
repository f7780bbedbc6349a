"""Settings that every process shares. They come from the environment and are checked once, at the start."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cairn.kernel.errors import InvalidArgument

DEFAULT_PORT = 7766
_MOST_PORT = 65535


def _home(environment: Mapping[str, str]) -> Path:
    if named := environment.get("CAIRN_HOME"):
        return Path(named).expanduser().absolute()
    # https://specifications.freedesktop.org/basedir-spec: a relative path there must be ignored.
    data = Path(environment.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path.home() / ".local" / "share") / "cairn"


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get("CAIRN_PORT") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= _MOST_PORT:
        raise InvalidArgument(f"CAIRN_PORT is {text!r}; it must be a number from 1 to 65535.", field="CAIRN_PORT")
    return int(text)


def _database_url(environment: Mapping[str, str], name: str) -> str | None:
    text = environment.get(name)
    if not text:
        return None
    try:
        url = urlsplit(text)
        usable = url.scheme in {"postgresql", "postgres"} and url.path.strip("/") != "" and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        # The value itself stays out of the message: it may hold a password.
        message = f"{name} is not a Postgres address. Write postgresql://user:password@host:5432/database."
        raise InvalidArgument(message, field=name)
    return text


def _embedding_model(environment: Mapping[str, str]) -> str:
    text = environment.get("CAIRN_EMBEDDING_MODEL", "")
    if text and not all(text.partition("/")):
        message = f"CAIRN_EMBEDDING_MODEL is {text!r}; write provider/model, for example ollama/nomic-embed-text."
        raise InvalidArgument(message, field="CAIRN_EMBEDDING_MODEL")
    return text


def _reranker(environment: Mapping[str, str]) -> str:
    text = environment.get("CAIRN_RERANKER", "")
    path = text.startswith(("/", "~", "."))
    if text and not path and not re.fullmatch(r"(?:model:[\w.-]+/\S+|[\w.-]+/[\w.-]+)", text):
        message = (
            f"CAIRN_RERANKER is {text!r}; write a folder's path, a model's id on the Hugging Face hub, or "
            "model:provider/model."
        )
        raise InvalidArgument(message, field="CAIRN_RERANKER")
    return text


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may set for Cairn on this machine.

    `home` holds all data; `port` is the loopback port of the page and the API; `database_url` names a Postgres
    to use instead of the embedded one. `embedding_model` is a provider's model to embed with, as `provider/model`.
    `reranker` reads the best results of a search once more: the path of an ONNX cross-encoder, its id on the hub, or
    `model:provider/model`.
    """

    home: Path
    port: int
    database_url: str | None
    embedding_model: str = ""
    reranker: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read CAIRN_HOME, CAIRN_PORT, CAIRN_DATABASE_URL, CAIRN_EMBEDDING_MODEL and CAIRN_RERANKER.

        Raises `InvalidArgument` naming a bad variable.
        """
        return cls(
            home=_home(environment),
            port=_port(environment),
            database_url=_database_url(environment, "CAIRN_DATABASE_URL"),
            embedding_model=_embedding_model(environment),
            reranker=_reranker(environment),
        )


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What `cairn up` tells its server and worker processes.

    `embedding_model` is a provider's model (`provider/model`) to embed with, empty for the one that comes with Cairn;
    `reranker` is empty for none.
    """

    home: Path
    port: int
    app_database_url: str
    bus_database_url: str
    embedding_model: str = ""
    reranker: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the environment that `cairn up` made. Raises `InvalidArgument` when started without it."""
        app = _database_url(environment, "CAIRN_APP_DATABASE_URL")
        bus = _database_url(environment, "CAIRN_BUS_DATABASE_URL")
        if app is None or bus is None:
            missing = "CAIRN_APP_DATABASE_URL" if app is None else "CAIRN_BUS_DATABASE_URL"
            raise InvalidArgument(f"{missing} is not set. `cairn up` sets it; start Cairn with that.", field=missing)
        return cls(
            home=_home(environment),
            port=_port(environment),
            app_database_url=app,
            bus_database_url=bus,
            embedding_model=_embedding_model(environment),
            reranker=_reranker(environment),
        )

    def to_environment(self) -> dict[str, str]:
        """Return the variables from which `from_environment` reads the same settings."""
        return {
            "CAIRN_HOME": str(self.home),
            "CAIRN_PORT": str(self.port),
            "CAIRN_APP_DATABASE_URL": self.app_database_url,
            "CAIRN_BUS_DATABASE_URL": self.bus_database_url,
            "CAIRN_EMBEDDING_MODEL": self.embedding_model,
            "CAIRN_RERANKER": self.reranker,
        }
