"""What people say of a text, and where it stands as the text changes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.phrases import Phrase

BODY_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on lines of a version (1-based, inclusive; 0 for the whole text), or an answer to one."""

    id: UUID
    decision_id: UUID
    parent_id: UUID | None
    version: int
    first_line: int
    last_line: int
    body: str
    author_id: UUID
    author_name: str
    created_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said about a decision, for those who index it. It never changes; it may be deleted."""

    id: UUID
    decision_id: UUID
    author_name: str
    body: str


@dataclass(frozen=True, slots=True)
class PlacedComment:
    """A comment where it stands in another version; lines are 0 for the whole text and for lines that are gone."""

    comment: Comment
    first_line: int
    last_line: int
    quote: str
    outdated: bool
    section: str


class CommentNotFound(NotFound):
    """There is no such comment among those the caller may see."""

    def __init__(self, comment_id: str) -> None:
        super().__init__(
            Phrase("no_comment", "There is no comment {comment_id} here.", comment_id=comment_id), field="comment_id"
        )


def check_comment(body: str) -> str:
    """Return a comment's text trimmed. Raises `InvalidArgument`."""
    body = body.strip()
    if not body:
        raise InvalidArgument(Phrase("comment_empty", "A comment needs some words."), field="body")
    if len(body) > BODY_MOST or "\x00" in body:
        raise InvalidArgument(
            Phrase("comment_long", "A comment has at most {most} characters and no NUL.", most=BODY_MOST), field="body"
        )
    return body


def check_lines(first: int, last: int, count: int) -> tuple[int, int]:
    """Return the lines a comment is on, within a text of `count`. Raises `InvalidArgument`."""
    if first == 0 and last == 0:
        return 0, 0
    last = last or first
    if not 1 <= first <= last <= count:
        message = f"The text has lines 1 to {count}; {first} to {last} is not among them."
        raise InvalidArgument(message, field="first_line")
    return first, last
