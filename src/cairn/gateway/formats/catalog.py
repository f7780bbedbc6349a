"""`models.toml`: what models cost and can do, with the source and the day of each figure."""

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path

import msgspec

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
    long: _Long | None = None


@cache
def read_catalog() -> Catalog:
    """Return the table that comes with Cairn."""
    entries = msgspec.convert(tomllib.loads(_FILE.read_text())["model"], list[_Model])
    return Catalog(_read(entry) for entry in entries)


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
    )
