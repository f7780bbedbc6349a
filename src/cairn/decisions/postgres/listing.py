"""Pages of decisions, straight from rows to the JSON form of the contract's messages.

Lists are the most common read, and objects between a row and its message cost more than all else of it together
(docs/decisions/0030). Row-level security narrows every statement to the caller's organisation, as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cairn.decisions.domain import Filter, Order
from cairn.platform.database import Connection

_TEMPLATES: Mapping[str, str] = {
    name.strip(): text
    for part in (Path(__file__).parent.parent / "listing.sql").read_text().split("-- name: ")[1:]
    for name, _, text in [part.partition("\n")]
}
_REF = (
    "case when d.number is null then d.slug else coalesce(nullif(d.prefix, ''), l.prefix) || '-' "
    "|| lpad(d.number::text, greatest(4, length(d.number::text)), '0') end"
)


@dataclass(frozen=True, slots=True)
class _Sorting:
    columns: tuple[str, ...]
    casts: tuple[str, ...]
    backwards: bool = False

    def order(self) -> str:
        return ", ".join(f"{column} desc" if self.backwards else column for column in self.columns)


_BY_NUMBER = (("d.log_id", "d.sort_number", "d.id"), ("{}::uuid", "{}::int", "{}::uuid"))
_SORTINGS: Mapping[Order, _Sorting] = {
    Order.NUMBER: _Sorting(*_BY_NUMBER),
    Order.NUMBER_DESC: _Sorting(*_BY_NUMBER, backwards=True),
    Order.UPDATED_DESC: _Sorting(("d.updated_at", "d.id"), ("{}::timestamptz", "{}::uuid"), backwards=True),
    Order.TITLE: _Sorting(("d.title_key", "d.id"), ("lower({}::text)", "{}::uuid")),
}


class _Clauses:
    """Conditions, and the values of their parameters in the order of their numbers."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def add(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def counted(self, filter_: Filter) -> tuple[list[str], bool]:
        """Return the conditions that counts are made under, and whether they speak of the log."""
        clauses = ["d.deleted_at is not null" if filter_.deleted else "d.deleted_at is null"]
        if filter_.log_ids:
            clauses.append(f"d.log_id = any({self.add(list(filter_.log_ids))}::uuid[])")
        if not filter_.text:
            return clauses, False
        text = f"lower({self.add(filter_.text)}::text)"
        in_title = f"position({text} in d.title_key) > 0"
        # A reference has no space in it.
        in_ref = len(filter_.text.split()) == 1
        clauses.append(f"({in_title} or position({text} in lower({_REF})) > 0)" if in_ref else in_title)
        return clauses, in_ref

    def picked(self, filter_: Filter) -> list[str]:
        """Return the further conditions that a page is picked under."""
        clauses: list[str] = []
        if filter_.statuses:
            clauses.append(f"d.status = any({self.add([status.value for status in filter_.statuses])}::text[])")
        if filter_.tags:
            clauses.append(f"d.tags && {self.add(list(filter_.tags))}::text[]")
        return clauses


async def read_page(
    connection: Connection,
    filter_: Filter,
    order: Order,
    after: Sequence[str | int | datetime | UUID] | None,
    limit: int,
    *,
    with_counts: bool,
) -> str:
    """Return up to `limit` decisions that follow the key `after`, as `ListDecisionsResponse` in JSON.

    `with_counts` adds what the filter matches over all pages. A key is made of the last decision's sort columns: log,
    number (2147483647 for none) and id; time of change and id; or title and id.
    """
    clauses = _Clauses()
    sorting = _SORTINGS[order]
    counted, with_log = clauses.counted(filter_)
    picked = clauses.picked(filter_)
    chosen = [*counted, *picked]
    if after is not None:
        position = ", ".join(cast.format(clauses.add(value)) for value, cast in zip(after, sorting.casts, strict=True))
        chosen.append(f"({', '.join(sorting.columns)}) {'<' if sorting.backwards else '>'} ({position})")
    base = counts = ""
    if with_counts:
        log = "join log l on l.tenant_id = d.tenant_id and l.id = d.log_id" if with_log else ""
        base = _TEMPLATES["base"].format(log=log, counted=" and ".join(counted))
        counts = _TEMPLATES["counts"].format(picked=" and ".join(picked) or "true")
    query = _TEMPLATES["page"].format(
        ref=_REF,
        order=sorting.order(),
        chosen=" and ".join(chosen),
        # A plan that does not know it costs more than planning each time, and so Postgres plans each time.
        limit=int(limit),
        base=base,
        counts=counts,
    )
    return await connection.fetchval(query, *clauses.values)
