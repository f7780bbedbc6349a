"""`CommentStore` and `CareStore` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from cairn.decisions.domain import DecisionSummary, Status
from cairn.decisions.domain.care import AwaitingKind, Care, Person
from cairn.decisions.domain.comments import Comment
from support.fakes.decision_store import MemoryDecisionStore

_LOOKED_AT_NO_MORE = {Status.REJECTED, Status.SUPERSEDED}


@dataclass
class MemoryCommentStore:
    """See the port for what each method means."""

    comments: dict[UUID, Comment] = field(default_factory=dict)

    async def add_comment(self, comment: Comment) -> None:
        self.comments[comment.id] = comment

    async def get_comment(self, comment_id: UUID) -> Comment | None:
        return self.comments.get(comment_id)

    async def list_comments(self, decision_id: UUID, limit: int) -> list[Comment]:
        found = [c for c in self.comments.values() if c.decision_id == decision_id]
        return sorted(found, key=lambda c: (c.created_at, c.id))[:limit]

    async def set_resolved(self, comment_id: UUID, at: datetime | None, by: str) -> None:
        self.comments[comment_id] = replace(self.comments[comment_id], resolved_at=at, resolved_by=by)


@dataclass
class MemoryCareStore:
    """See the port for what each method means."""

    store: MemoryDecisionStore
    comments: MemoryCommentStore
    people: list[Person]
    cares: dict[UUID, Care] = field(default_factory=dict)
    watches: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    feeds: dict[UUID, bytes] = field(default_factory=dict)

    async def get_care(self, decision_id: UUID) -> Care:
        watchers = {person for person, watched in self.watches if watched == decision_id}
        found = [person for person in await self.list_people(1000) if person.id in watchers]
        return replace(self.cares.get(decision_id, Care()), watchers=tuple(found))

    async def set_care(self, decision_id: UUID, care: Care) -> None:
        self.cares[decision_id] = care
        self.store.owners.pop(decision_id, None)
        if care.owner:
            self.store.owners[decision_id] = care.owner.id

    async def list_people(self, limit: int) -> list[Person]:
        return sorted(self.people, key=lambda person: (person.name, person.id))[:limit]

    async def watch(self, decision_id: UUID, person_id: UUID, seen_version: int, at: datetime) -> None:
        del at
        self.watches[person_id, decision_id] = seen_version

    async def unwatch(self, decision_id: UUID, person_id: UUID) -> None:
        self.watches.pop((person_id, decision_id), None)

    async def _keeper(self, decision_id: UUID) -> UUID:
        people = await self.store.get_people(decision_id)
        return people.owner_id or people.author_id

    def _living(self) -> list[DecisionSummary]:
        return [d for d in self.store.decisions.values() if d.deleted_at is None]

    async def list_due(
        self, until: date, log_ids: Sequence[UUID], person_id: UUID | None, limit: int
    ) -> list[tuple[UUID, date, str]]:
        found = [
            (d.id, care.review_on, care.owner.name if care.owner else "")
            for d in self._living()
            if (care := self.cares.get(d.id))
            and care.review_on
            and care.review_on <= until
            and d.status not in _LOOKED_AT_NO_MORE
            and (not log_ids or d.log_id in log_ids)
            and person_id in {None, await self._keeper(d.id)}
        ]
        return sorted(found, key=lambda row: (row[1], row[0]))[:limit]

    async def list_awaiting(
        self, person_id: UUID, kind: AwaitingKind, *, today: date, limit: int
    ) -> list[tuple[UUID, datetime, int]]:
        if kind is AwaitingKind.REVIEW:
            due = await self.list_due(today, [], person_id, limit)
            return [(id_, datetime.combine(day, time(), UTC), (today - day).days) for id_, day, _ in due]
        if kind is AwaitingKind.CHANGE:
            found = [
                (d.id, d.updated_at, d.version - seen)
                for d in self._living()
                if (seen := self.watches.get((person_id, d.id))) is not None and d.version > seen
            ]
        elif kind is AwaitingKind.COMMENT:
            found = [row for d in self._living() if (row := await self._open_discussions(d, person_id))]
        else:
            found = [row for d in self._living() if (row := await self._missing_approvals(d, person_id))]
        return sorted(found, key=lambda row: (row[1], row[0]))[:limit]

    async def _open_discussions(self, d: DecisionSummary, person_id: UUID) -> tuple[UUID, datetime, int] | None:
        people = await self.store.get_people(d.id)
        said = await self.comments.list_comments(d.id, 1000)
        mine = person_id in {people.author_id, people.owner_id}
        part = {c.parent_id or c.id for c in said if c.author_id == person_id}
        open_ = [c for c in said if c.parent_id is None and c.resolved_at is None and (mine or c.id in part)]
        return (d.id, max(c.created_at for c in open_), len(open_)) if open_ else None

    async def _missing_approvals(self, d: DecisionSummary, person_id: UUID) -> tuple[UUID, datetime, int] | None:
        policy = await self.store.get_policy(d.log_id)
        given = [
            a for a in self.store.approvals if a.decision_id == d.id and a.version == d.version and not a.withdrawn_at
        ]
        people = {a.person_id for a in given}
        author = (await self.store.get_people(d.id)).author_id
        asked = policy.required_approvals if policy else 0
        if d.status is not Status.PROPOSED or not asked or person_id in {author, *people}:
            return None
        return d.id, d.updated_at, max(1, asked - len(people))

    async def replace_feed(self, person_id: UUID, token_hash: bytes, at: datetime) -> None:
        del at
        self.feeds[person_id] = token_hash
