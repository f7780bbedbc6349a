"""Inviting people, giving them roles, and the tokens that act for them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from cairn.kernel.errors import FailedPrecondition, InvalidArgument, NotFound, PermissionDenied
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.kernel.phrases import Phrase
from cairn.tenancy.domain import MEMBER_ROLES, TOKENS_MOST, Action, Person, Token, check_name, new_token
from cairn.tenancy.ports import PeopleStore

Clock = Callable[[], datetime]
_DAYS_MOST = 3650
_EMAIL_MOST = 320


async def add_person(store: PeopleStore, clock: Clock, *, name: str, email: str, role: Role) -> tuple[Person, str]:
    """Add a person; return them with a token to begin with, which cannot be read again. Raises `InvalidArgument`."""
    _check_role(role)
    person = Person(uuid7(), check_name(name), _check_email(email), role, clock())
    await store.put_person(person)
    secret = new_token()
    await store.keep_token(Token(uuid7(), person.id, person.name, "Invitation", (), clock()), secret)
    return person, secret


async def change_role(store: PeopleStore, *, person_id: UUID, role: Role) -> Person:
    """Give a person another role. Raises `NotFound`, and `FailedPrecondition` for the last admin."""
    _check_role(role)
    everybody = await store.hold_people()
    person = _find(everybody, person_id)
    _keep_an_admin(everybody, person, after=role)
    changed = replace(person, role=role)
    await store.put_person(changed)
    return changed


async def remove_person(store: PeopleStore, *, person_id: UUID) -> None:
    """Remove a person; what they wrote keeps their name. Raises `NotFound`, `FailedPrecondition` for the last admin."""
    everybody = await store.hold_people()
    person = _find(everybody, person_id)
    _keep_an_admin(everybody, person, after=None)
    await store.remove_person(person.id)


async def list_tokens(store: PeopleStore, caller: Caller) -> list[Token]:
    """Return the caller's tokens; everybody's to an admin."""
    tokens = await store.list_tokens()
    return [token for token in tokens if caller.role is Role.ADMIN or token.person_id == caller.person_id]


async def create_token(
    store: PeopleStore, clock: Clock, caller: Caller, *, name: str, scopes: Sequence[str], days: int
) -> tuple[Token, str]:
    """Make a token that acts for the caller; return it with its secret, which cannot be read again.

    Without `scopes` it may do what the caller may. `days` is how long it opens anything; 0 for ever. A token that is
    itself bound to scopes makes none. Raises `InvalidArgument`, `PermissionDenied`.
    """
    if caller.scopes is not None:
        raise PermissionDenied("A token that is bound to scopes makes no tokens. Sign in, or use one that is not.")
    if unknown := sorted(set(scopes) - set(Action)):
        raise InvalidArgument(f"There is no scope {unknown[0]!r}. There are: {', '.join(Action)}.", field="scopes")
    if not 0 <= days <= _DAYS_MOST:
        raise InvalidArgument(
            Phrase("token_days", "A token lives 1 to {most} days, or for ever with 0.", most=_DAYS_MOST), field="days"
        )
    own = [token for token in await store.list_tokens() if token.person_id == caller.person_id]
    if len(own) >= TOKENS_MOST:
        raise FailedPrecondition(
            Phrase("tokens_held", "A person has at most {most} tokens. Revoke one first.", most=TOKENS_MOST),
            field="name",
        )
    at = clock()
    kept = tuple(action for action in Action if action in set(scopes))
    expires_at = at + timedelta(days=days) if days else None
    token = Token(uuid7(), caller.person_id, caller.person_name, check_name(name), kept, at, expires_at)
    secret = new_token()
    await store.keep_token(token, secret)
    return token, secret


async def revoke_token(store: PeopleStore, clock: Clock, caller: Caller, *, token_id: UUID) -> None:
    """Let one of the caller's tokens open nothing any more; an admin may take anybody's. Raises `NotFound`."""
    if token_id not in {token.id for token in await list_tokens(store, caller)}:
        raise NotFound(Phrase("no_token", "There is no such token of yours."), field="id")
    await store.revoke_token(token_id, clock())


def _find(everybody: Sequence[Person], person_id: UUID) -> Person:
    found = [person for person in everybody if person.id == person_id]
    if not found:
        raise NotFound(Phrase("no_person", "There is no such person in your organisation."), field="id")
    return found[0]


def _keep_an_admin(everybody: Sequence[Person], person: Person, *, after: Role | None) -> None:
    others = [other for other in everybody if other.role is Role.ADMIN and other.id != person.id]
    if person.role is Role.ADMIN and after is not Role.ADMIN and not others:
        raise FailedPrecondition(
            Phrase("last_admin", "The last admin stays. Make somebody else an admin first."), field="role"
        )


def _check_role(role: Role) -> None:
    if role not in MEMBER_ROLES:
        raise InvalidArgument(f"A person is {', '.join(MEMBER_ROLES)}.", field="role")


def _check_email(email: str) -> str:
    kept = email.strip()
    if kept and ("@" not in kept or len(kept) > _EMAIL_MOST or any(ord(sign) < ord("!") for sign in kept)):
        raise InvalidArgument(
            Phrase("email_form", "An address looks like ada@example.org. Leave it empty to give none."), field="email"
        )
    return kept
