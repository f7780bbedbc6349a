"""Every RPC of every service, read from the contracts' descriptors."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectrpc.client import ConnectClient

import cairn.gen.cairn as contracts


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC: its full name, and how to call it."""

    name: str
    client: type[ConnectClient]
    method: str
    streams: bool
    request: type[Any]


def all_rpcs() -> list[Rpc]:
    """Return every RPC of the generated contracts, by name."""
    return sorted(_find(), key=lambda rpc: rpc.name)


def _find() -> Iterator[Rpc]:
    for module in pkgutil.walk_packages(contracts.__path__, contracts.__name__ + "."):
        if not module.name.endswith("_pb"):
            continue
        messages = importlib.import_module(module.name)
        for service in messages.desc().services:
            clients = importlib.import_module(module.name.removesuffix("_pb") + "_connect")
            for method in service.methods:
                python_name = "".join(f"_{c.lower()}" if c.isupper() else c for c in method.name).lstrip("_")
                yield Rpc(
                    name=f"{service.type_name}/{method.name}",
                    client=getattr(clients, f"{service.type_name.rpartition('.')[2]}Client"),
                    method=python_name,
                    streams=method.method_kind == "server_streaming",
                    request=method.input.type,
                )
