"""People, their roles and their tokens: the store on Postgres and in memory, and over the wire."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.fakes.people_store import MemoryPeopleStore
from support.server import client_of, run_server
from support.tenants import create_person, create_tenant

from cairn.gen.cairn.decisions.v1 import decisions_pb as decisions
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.tenancy.v1 import people_pb as pb
from cairn.gen.cairn.tenancy.v1 import tenancy_pb as tenancy
from cairn.gen.cairn.tenancy.v1.people_connect import PeopleServiceClient
from cairn.gen.cairn.tenancy.v1.tenancy_connect import TenancyServiceClient
from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.platform.database import Database, DatabaseUrls
from cairn.tenancy.api import create_token
from cairn.tenancy.domain import Action, Person, Token, hash_token
from cairn.tenancy.ports import PeopleStore
from cairn.tenancy.postgres import PostgresPeopleStore

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture(params=["postgres", "memory"])
async def store(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[PeopleStore]:
    if request.param == "memory":
        yield MemoryPeopleStore()
        return
    caller = await create_tenant(database)
    async with database.transaction(caller) as connection:
        await connection.execute("delete from person")
        yield PostgresPeopleStore(connection)


async def test_a_store_keeps_people_and_their_tokens(store: PeopleStore) -> None:
    ada = Person(uuid7(), "Ada", "ada@example.org", Role.ADMIN, NOW)
    ben = Person(uuid7(), "ben", "", Role.AUTHOR, NOW)
    for person in (ben, ada):
        await store.put_person(person)
    assert await store.list_people() == [ada, ben]
    assert {person.id for person in await store.hold_people()} == {ada.id, ben.id}
    changed = Person(ben.id, "Ben", "", Role.REVIEWER, NOW)
    await store.put_person(changed)
    assert await store.list_people() == [ada, changed]
    far = datetime.now(UTC) + timedelta(days=1)
    old = Token(uuid7(), ada.id, "Ada", "old", (), NOW)
    new = Token(uuid7(), ben.id, "Ben", "new", (Action.READ, Action.ASK), NOW + timedelta(hours=1), far)
    await store.keep_token(old, "cairn_a")
    await store.keep_token(new, "cairn_b")
    assert await store.list_tokens() == [new, old]
    await store.revoke_token(old.id, NOW)
    assert await store.list_tokens() == [new]
    await store.remove_person(ben.id)
    assert await store.list_people() == [ada]
    assert await store.list_tokens() == []


@dataclass
class Door:
    address: str
    admin: PeopleServiceClient
    author: PeopleServiceClient
    me: TenancyServiceClient
    author_id: str
    caller: Caller

    def with_token(self, token: str, kind: Any = TenancyServiceClient) -> Any:
        return client_of(kind, self.address, token)


@pytest.fixture
async def door(database_urls: DatabaseUrls, database: Database, tmp_path: Path) -> AsyncIterator[Door]:
    admin = await create_tenant(database)
    author = await create_person(database, admin.tenant_id, role=Role.AUTHOR)
    tokens = [await create_token(database, person, "test") for person in (admin, author)]
    async with run_server(database_urls, tmp_path, local=False) as address:
        clients: list[Any] = [client_of(PeopleServiceClient, address, token) for token in tokens]
        clients.append(client_of(TenancyServiceClient, address, tokens[0]))
        yield Door(address, *clients, author_id=str(author.person_id), caller=admin)


async def _refused(call: Any) -> Code:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value.code


async def test_a_person_is_added_with_a_token_changes_role_and_goes(door: Door) -> None:
    added = await door.admin.add_member(pb.AddMemberRequest(name=" Ben  Ode ", email="ben@example.org", role="author"))
    theirs = door.with_token(added.token)
    session = await theirs.get_session(tenancy.GetSessionRequest())
    assert (session.person_name, session.role) == ("Ben Ode", "author")
    await door.admin.change_role(pb.ChangeRoleRequest(id=added.member.id, role="reviewer"))
    assert (await theirs.get_session(tenancy.GetSessionRequest())).role == "reviewer"
    names = [member.name for member in (await door.admin.list_members(pb.ListMembersRequest())).members]
    assert "Ben Ode" in names
    await door.admin.remove_member(pb.RemoveMemberRequest(id=added.member.id))
    assert await _refused(theirs.get_session(tenancy.GetSessionRequest())) is Code.UNAUTHENTICATED
    for wrong in ({"name": ""}, {"name": "x", "role": "system"}, {"name": "x", "role": "author", "email": "no"}):
        assert await _refused(door.admin.add_member(pb.AddMemberRequest(**wrong))) is Code.INVALID_ARGUMENT


async def test_the_last_admin_stays(door: Door) -> None:
    me = (await door.me.get_session(tenancy.GetSessionRequest())).person_id
    demote = pb.ChangeRoleRequest(id=me, role="author")
    assert await _refused(door.admin.change_role(demote)) is Code.FAILED_PRECONDITION
    assert await _refused(door.admin.remove_member(pb.RemoveMemberRequest(id=me))) is Code.FAILED_PRECONDITION
    await door.admin.change_role(pb.ChangeRoleRequest(id=door.author_id, role="admin"))
    assert (await door.admin.change_role(demote)).member.role == "author"


async def test_a_token_is_shown_once_kept_as_a_hash_and_revoked(door: Door, database: Database) -> None:
    made = await door.author.create_token(pb.CreateTokenRequest(name="ci", days=30))
    assert made.secret.startswith("cairn_")
    listed = await door.author.list_tokens(pb.ListTokensRequest())
    assert made.secret not in listed.to_json()
    assert [token.name for token in listed.tokens] == ["ci", "test"]
    assert made.token.expires_at is not None
    # The one place that keeps it is asked as its owner, under the organisation that it is of.
    async with database.transaction(door.caller) as connection:
        kept = await connection.fetch("select t::text as row, token_hash from api_token t where name = 'ci'")
    assert [row["token_hash"] for row in kept] == [hash_token(made.secret)]
    assert made.secret not in str(kept)
    theirs = door.with_token(made.secret)
    await theirs.get_session(tenancy.GetSessionRequest())
    everybody = [token.name for token in (await door.admin.list_tokens(pb.ListTokensRequest())).tokens]
    assert sorted(everybody) == ["ci", "test", "test"]
    await door.admin.revoke_token(pb.RevokeTokenRequest(id=made.token.id))
    assert await _refused(theirs.get_session(tenancy.GetSessionRequest())) is Code.UNAUTHENTICATED
    left = (await door.admin.list_tokens(pb.ListTokensRequest())).tokens
    [admins] = [token for token in left if token.person_id != door.author_id]
    assert await _refused(door.author.revoke_token(pb.RevokeTokenRequest(id=admins.id))) is Code.NOT_FOUND


async def test_a_token_does_only_what_it_is_for(door: Door) -> None:
    made = await door.admin.create_token(pb.CreateTokenRequest(name="reader", scopes=["read"]))
    records = door.with_token(made.secret, DecisionsServiceClient)
    await records.list_logs(decisions.ListLogsRequest())
    assert await _refused(records.create_log(decisions.CreateLogRequest(slug="x"))) is Code.PERMISSION_DENIED
    more = door.with_token(made.secret, PeopleServiceClient).create_token(pb.CreateTokenRequest(name="more"))
    assert await _refused(more) is Code.PERMISSION_DENIED
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {made.secret}"}) as session:
        answer = await session.get(f"{door.address}/v1/models")
        assert answer.status == 403
    for wrong in ({"scopes": ["everything"]}, {"days": -1}, {"days": 99_999}):
        request = pb.CreateTokenRequest(**{"name": "x", **wrong})
        assert await _refused(door.admin.create_token(request)) is Code.INVALID_ARGUMENT
