"""Templates, saved filters, and edits of many records at once."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from cairn.decisions.domain import Content, Status
from cairn.decisions.domain.care import Care
from cairn.decisions.domain.scopes import Scope

TEMPLATES_MOST = 100
FILTERS_MOST = 500
EDITED_MOST = 1000
TEMPLATE_BODY_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Template:
    """A form that new records start from."""

    name: str
    description: str
    body: str
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A list's filter under a name."""

    id: UUID
    person_id: UUID
    name: str
    shared: bool
    log_slugs: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[str, ...] = ()
    text: str = ""
    owner_ids: tuple[UUID, ...] = ()
    governs: bool = False


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Who looks after a record, when it is looked at again, and then every so many months."""

    owner_id: UUID | None
    review_on: date | None
    every_months: int


@dataclass(frozen=True, slots=True)
class NewOwner:
    """The person who is to look after records; nobody where there is none."""

    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewReview:
    """When records are to be looked at again; never where there is no day."""

    review_on: date | None
    every_months: int


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What a bulk edit does to each record."""

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    add: Scope = Scope()  # noqa: RUF009 - frozen.
    remove: Scope = Scope()  # noqa: RUF009 - frozen.
    status: Status | None = None
    owner: NewOwner | None = None
    review: NewReview | None = None

    def __bool__(self) -> bool:
        """Whether it changes anything at all."""
        text = self.add_tags or self.remove_tags or self.add or self.remove or self.status
        return bool(text or self.owner or self.review)


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One record of a bulk edit: its version before and after, and its upkeep where that changed."""

    decision_id: UUID
    version_before: int
    version_after: int
    upkeep: tuple[Upkeep, Upkeep] | None = None


@dataclass(frozen=True, slots=True)
class BulkEdit:
    """A bulk edit that was made."""

    id: UUID
    person_id: UUID
    person_name: str
    description: str
    created_at: datetime
    items: tuple[BulkItem, ...]
    undone_at: datetime | None = None


def edit_content(content: Content, change: BulkChange) -> Content:
    """Return a record's content after a bulk change. What is both added and removed is removed."""
    scope = Scope(
        paths=_edit(content.scope.paths, change.add.paths, change.remove.paths),
        components=_edit(content.scope.components, change.add.components, change.remove.components),
        categories=_edit(content.scope.categories, change.add.categories, change.remove.categories),
    )
    status = change.status or content.status
    return replace(
        content,
        tags=_edit(content.tags, change.add_tags, change.remove_tags),
        scope=scope,
        status=status,
        status_text=content.status_text if status is content.status else "",
    )


def upkeep_of(care: Care) -> Upkeep:
    """Return what a bulk edit may change of who looks after a record."""
    return Upkeep(care.owner.id if care.owner else None, care.review_on, care.every_months)


def edit_upkeep(upkeep: Upkeep, change: BulkChange) -> Upkeep:
    """Return a record's upkeep after a bulk change."""
    if change.owner:
        upkeep = replace(upkeep, owner_id=change.owner.person_id)
    if change.review:
        upkeep = replace(upkeep, review_on=change.review.review_on, every_months=change.review.every_months)
    return upkeep


def _edit(values: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]) -> tuple[str, ...]:
    gone = set(remove)
    return tuple(value for value in dict.fromkeys([*values, *add]) if value not in gone)
