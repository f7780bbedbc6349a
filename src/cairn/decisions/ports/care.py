"""What the use cases of comments, owners, reviews and watchers need from outside."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from cairn.decisions.domain.care import AwaitingKind, Care, Person
from cairn.decisions.domain.comments import Comment

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class CommentStore(Protocol):
    """What people say of decisions, inside one transaction."""

    async def add_comment(self, comment: Comment) -> None:
        """Keep a comment."""
        ...

    async def get_comment(self, comment_id: UUID) -> Comment | None:
        """Return a comment."""
        ...

    async def list_comments(self, decision_id: UUID, limit: int) -> list[Comment]:
        """Return the comments of a decision, oldest first."""
        ...

    async def set_resolved(self, comment_id: UUID, at: datetime | None, by: str) -> None:
        """Resolve a comment, or open it again with None."""
        ...


class CareStore(Protocol):
    """Owners, review dates and watchers of decisions, inside one transaction."""

    async def get_care(self, decision_id: UUID) -> Care:
        """Return who looks after a decision and when; empty when nobody said."""
        ...

    async def set_care(self, decision_id: UUID, care: Care) -> None:
        """Put this in the place of what was said before. Watchers stay as they are."""
        ...

    async def list_people(self, limit: int) -> list[Person]:
        """Return the people of the organisation, by name."""
        ...

    async def watch(self, decision_id: UUID, person_id: UUID, seen_version: int, at: datetime) -> None:
        """Keep that a person wants to hear of changes after `seen_version`."""
        ...

    async def unwatch(self, decision_id: UUID, person_id: UUID) -> None:
        """Forget that a person wants to hear of changes."""
        ...

    async def list_due(
        self, until: date, log_ids: Sequence[UUID], person_id: UUID | None, limit: int
    ) -> list[tuple[UUID, date, str]]:
        """Return living decisions to be reviewed up to `until`, as (id, date, owner's name), the longest overdue first.

        With a person: only what they own, or wrote where nobody owns it.
        """
        ...

    async def list_awaiting(
        self, person_id: UUID, kind: AwaitingKind, *, today: date, limit: int
    ) -> list[tuple[UUID, datetime, int]]:
        """Return the decisions that await a person for one reason, as (id, since when, how many), oldest first."""
        ...

    async def replace_feed(self, person_id: UUID, token_hash: bytes, at: datetime) -> None:
        """Make this the hash of the person's calendar address; the one before stops working."""
        ...


class Offload(Protocol):
    """Runs what takes long off the loop, so that other requests go on meanwhile."""

    async def __call__(
        self, work: Callable[Parameters, Result], /, *values: Parameters.args, **named: Parameters.kwargs
    ) -> Result:
        """Return what `work` returns."""
        ...
