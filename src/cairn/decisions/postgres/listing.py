"""Pages of decisions, straight from rows to the JSON form of the contract's messages.

Lists are the most common read, and objects between a row and its message cost more than all else of it together
(docs/decisions/0030). Row-level security narrows every statement to the caller's organisation, as everywhere.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cairn.decisions.domain import Filter, Order
from cairn.platform.cursor import write_cursor
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

    def keys(self) -> str:
        return ", ".join(f"{column} as key_{number}" for number, column in enumerate(self.columns))

    def key_names(self) -> str:
        return ", ".join(f"key_{number}" for number in range(len(self.columns)))


_BY_NUMBER = (("d.log_id", "d.sort_number", "d.id"), ("{}::uuid", "{}::int", "{}::uuid"))
_SORTINGS: Mapping[Order, _Sorting] = {
    Order.NUMBER: _Sorting(*_BY_NUMBER),
    Order.NUMBER_DESC: _Sorting(*_BY_NUMBER, backwards=True),
    Order.UPDATED_DESC: _Sorting(("d.updated_at", "d.id"), ("{}::timestamptz", "{}::uuid"), backwards=True),
    Order.TITLE: _Sorting(("d.title_key", "d.id"), ("lower({}::text)", "{}::uuid")),
}


class _Clauses:
    """The clauses of one request, and the values of their parameters in the order of their numbers."""

    def __init__(self, filter_: Filter, order: Order, limit: int) -> None:
        self.values: list[object] = []
        self.wanted = self._add(filter_.text) if filter_.text else "'-'"
        # Once, not for each row, which a plan for any text would do.
        self.text = "(table needle)" if filter_.text else ""
        self.logs = f"d.log_id = any({self._add(list(filter_.log_ids))}::uuid[])" if filter_.log_ids else ""
        statuses = [status.value for status in filter_.statuses]
        self.statuses = f"d.status = any({self._add(statuses)}::text[])" if statuses else ""
        tags = f"{self._add(list(filter_.tags))}::text[]" if filter_.tags else ""
        self.tags = f"d.tags && {tags}" if tags else ""
        # Their number in the tally is that of its tag; two tags may be of one decision.
        self.one_tag = f"d.tag = any({tags})" if len(filter_.tags) == 1 else ""
        people = f"{self._add(list(filter_.owner_ids))}::uuid[]" if filter_.owner_ids else ""
        self.owned = _fill("owned", people=people) if people else ""
        self.one_owner = f"d.facet = 'owner' and d.owner_id = any({people})" if len(filter_.owner_ids) == 1 else ""
        self.governs = _fill("governs") if filter_.governs else ""
        self.governing = "d.facet = 'governs'" if filter_.governs else ""
        # What was looked through for a text is known by its ids alone.
        self.governs_of_matched = _fill("governs_of_matched", governs=self.governs) if filter_.governs else ""
        self.living = "d.deleted_at is not null" if filter_.deleted else "d.deleted_at is null"
        self.sorting = _SORTINGS[order]
        # A plan that does not know it costs more than planning each time, and so Postgres plans each time.
        self.limit = int(limit)
        self.after = ""
        # A reference has no space in it, and numbers only where the text has some too.
        self._one_word = len(filter_.text.split()) == 1
        self._numbered = self._one_word and any(sign.isdigit() for sign in filter_.text)
        # What the log is looked up for.
        self.log = "join log l on l.tenant_id = d.tenant_id and l.id = d.log_id" if self._numbered else ""

    def _add(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def begin_after(self, key: Sequence[str | int | datetime | UUID]) -> None:
        """Let the page begin after a key."""
        sorting = self.sorting
        position = ", ".join(cast.format(self._add(value)) for value, cast in zip(key, sorting.casts, strict=True))
        self.after = f"({', '.join(sorting.columns)}) {'<' if sorting.backwards else '>'} ({position})"

    def says_text(self) -> str:
        """Return the condition that a title or a reference contains the text."""
        if not self.text:
            return ""
        in_title = f"position({self.text} in d.title_key) > 0"
        if not self._one_word:
            return in_title
        if self._numbered:
            return f"({in_title} or position({self.text} in lower({_REF})) > 0)"
        # Then it is in the prefix, which most decisions have from their log, or in the name of one without a number.
        in_log_prefix = "(select count(*) > 0 from named) and d.prefix = '' and d.log_id in (table named)"
        in_prefix = f"d.prefix <> '' and position({self.text} in lower(d.prefix || '-')) > 0"
        in_slug = f"d.number is null and position({self.text} in lower(d.slug)) > 0"
        return f"({in_title} or {in_slug} or d.number is not null and ({in_log_prefix} or {in_prefix}))"


def _all(*clauses: str) -> str:
    return " and ".join(clause for clause in clauses if clause) or "true"


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

    `with_counts` adds what the filter matches over all pages. A key, which its cursor holds, is made of the last
    decision's sort columns: log, number (2147483647 for none) and id; time of change and id; or title and id.
    """
    clauses = _Clauses(filter_, order, limit)
    if after is not None:
        clauses.begin_after(after)
    looks_through = bool(filter_.text or (filter_.deleted and with_counts))
    chosen = _all(*_in_decisions(clauses), clauses.after)
    matched = counts = ""
    if looks_through:
        matched = _matched(clauses)
        picked = _all(*_in_matched(clauses), clauses.after)
        chosen = _fill("picked", picked=picked, order=clauses.sorting.order(), limit=clauses.limit + 1)
    if with_counts:
        if looks_through:
            by_status, by_tag = _fill("statuses_of_matched"), _fill("tags_of_matched")
        else:
            tally = {"tally": _fill("tally"), "logs": clauses.logs or "true"}
            by_status, by_tag = _fill("statuses_of_tally", **tally), _fill("tags_of_tally", **tally)
        counts = _fill("counts", by_status=by_status, by_tag=by_tag, total=_total(clauses, in_matched=looks_through))
    query = _fill(
        "page",
        matched=matched,
        ref=_REF,
        order=clauses.sorting.order(),
        keys=clauses.sorting.keys(),
        key_names=clauses.sorting.key_names(),
        chosen=chosen,
        limit=clauses.limit,
        counts=counts,
    )
    row = await connection.fetchrow(query, *clauses.values)
    if row is None:
        raise RuntimeError("A list is always one row.")
    if row["last_key"] is None:
        return row["message"] + "}"
    return f'{row["message"]},"nextCursor":"{write_cursor(*json.loads(row["last_key"]))}"}}'


async def read_facets(connection: Connection, filter_: Filter) -> str:
    """Return who looks after what the log and text filters let through, and how much of it governs, in JSON.

    It is `CountFacetsResponse`; the other fields of the filter do not narrow it.
    """
    clauses = _Clauses(filter_, Order.NUMBER, 0)
    if filter_.text or filter_.deleted:
        matched, governs = _matched(clauses), _fill("governs_of_matched", governs=_fill("governs"))
        query = _fill("facets", matched=matched, governs=governs)
    else:
        query = _fill("facets_of_tally", logs=clauses.logs or "true")
    return await connection.fetchval(query, *clauses.values)


def _matched(clauses: _Clauses) -> str:
    counted = _all(clauses.living, clauses.logs, clauses.says_text())
    return _fill("matched", text=clauses.wanted, log=clauses.log, counted=counted)


def _in_decisions(clauses: _Clauses) -> tuple[str, ...]:
    return (clauses.living, clauses.logs, clauses.statuses, clauses.tags, clauses.owned, clauses.governs)


def _in_matched(clauses: _Clauses) -> tuple[str, ...]:
    return (clauses.statuses, clauses.tags, clauses.owned, clauses.governs_of_matched)


def _total(clauses: _Clauses, *, in_matched: bool) -> str:
    if in_matched:
        return _fill("count_of_matched", picked=_all(*_in_matched(clauses)))
    facets = [facet for facet in (clauses.one_owner, clauses.governing) if facet]
    if len(facets) == 1 and not clauses.tags and not (clauses.owned and not clauses.one_owner):
        return _fill("sum_of_facet_tally", picked=_all(clauses.logs, clauses.statuses, *facets))
    # Two things at once, several tags or several owners cannot be told from a tally.
    if clauses.owned or clauses.governs or (clauses.tags and not clauses.one_tag):
        return _fill("count_of_decisions", picked=_all(*_in_decisions(clauses)))
    picked = _all(clauses.logs, clauses.statuses, clauses.one_tag or "d.tag = ''")
    return _fill("sum_of_tally", tally=_fill("tally"), picked=picked)


def _fill(name: str, **parts: object) -> str:
    return _TEMPLATES[name].format(**parts)


async def add_up_tally(connection: Connection) -> None:
    """Add the changes of the tallies of one organisation up. Whoever counts sees the same before and after."""
    await connection.execute(_TEMPLATES["add_up_tally"])
    await connection.execute(_TEMPLATES["add_up_facet_tally"])
