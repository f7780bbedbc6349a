"""`models.toml`: what models cost and can do, with the source and the day of each figure."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from cairn.gateway.domain.capabilities import Capability
from cairn.gateway.domain.prices import Catalog, ModelFacts, Rates
from cairn.gateway.domain.providers import ProviderKind

_FILE = Path(__file__).parent / "models.toml"


class _Long(msgspec.Struct, forbid_unknown_fields=True):
    above: int
    input: float
    output: float
    cached: float
    written: float


class _Model(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    kind: ProviderKind
    since: dt.date = msgspec.field(name="from")
    source: str
    input: float
    output: float
    cached: float
    written: float
    context_tokens: int
    output_tokens: int
    takes: list[Capability]
    takes_source: str
    takes_read: dt.date
    long: _Long | None = None


class _OwnModel(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    since: dt.date = msgspec.field(name="from")
    takes: list[Capability]
    takes_source: str
    takes_read: dt.date


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    model: list[_Model]
    own_model: list[_OwnModel]


@cache
def read_catalog() -> Catalog:
    """Return the table that comes with Cairn."""
    table = msgspec.convert(tomllib.loads(_FILE.read_text()), _Table)
    own = {entry.name: frozenset(entry.takes) for entry in sorted(table.own_model, key=lambda entry: entry.since)}
    return Catalog((_read(entry) for entry in table.model), own)


def _read(entry: _Model) -> ModelFacts:
    rates = Rates(entry.input, entry.output, entry.cached, entry.written)
    long = entry.long
    return ModelFacts(
        name=entry.name,
        kind=entry.kind,
        since=entry.since,
        source=entry.source,
        rates=rates,
        long_rates=Rates(long.input, long.output, long.cached, long.written) if long else rates,
        long_above=long.above if long else float("inf"),
        context_tokens=entry.context_tokens,
        output_tokens=entry.output_tokens,
        takes=frozenset(entry.takes),
    )
