"""What every publishing store does, checked on Postgres and on the one in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from support.fakes.decision_store import MemoryDecisionStore
from support.fakes.publishing_store import MemoryPublishingStore
from support.records import NOW, add_log, add_record
from support.tenants import create_tenant

from cairn.decisions.domain import Status
from cairn.decisions.domain.publishing import Chosen, PublicLog
from cairn.decisions.ports import DecisionStore
from cairn.decisions.ports.publishing import PublishingStore
from cairn.decisions.postgres import PostgresDecisionStore
from cairn.decisions.postgres.publishing import PostgresPublishingStore
from cairn.platform.database import Database


@dataclass
class Stores:
    decisions: DecisionStore
    public: PublishingStore


@pytest.fixture(params=["postgres", "memory"])
async def stores(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Stores]:
    if request.param == "memory":
        decisions = MemoryDecisionStore()
        yield Stores(decisions, MemoryPublishingStore(decisions))
        return
    async with database.transaction(await create_tenant(database)) as connection:
        yield Stores(PostgresDecisionStore(connection), PostgresPublishingStore(connection))


async def test_a_log_is_public_under_an_address_of_its_own(stores: Stores) -> None:
    one, other = await add_log(stores.decisions, "one"), await add_log(stores.decisions, "other")
    address = f"open-{uuid4().hex[:8]}"
    assert await stores.public.get_public_log(one.id) is None
    public = PublicLog(one.id, address, whole=True, indexed=True, published_at=NOW)
    assert await stores.public.put_public_log(public)
    assert await stores.public.get_public_log(one.id) == public
    assert not await stores.public.put_public_log(replace(public, log_id=other.id))
    assert await stores.public.get_public_log(other.id) is None
    withdrawn = replace(public, indexed=False, withdrawn_at=NOW)
    assert await stores.public.put_public_log(withdrawn)
    assert await stores.public.get_public_log(one.id) == withdrawn


async def test_a_record_follows_its_log_is_held_at_a_version_or_kept_back(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    accepted = await add_record(stores.decisions, log, 1)
    proposed = await add_record(stores.decisions, log, 2, status=Status.PROPOSED)
    draft = await add_record(stores.decisions, log, 3, status=Status.DRAFT)
    everything = (accepted, proposed, draft)

    async def shown() -> list[int | None]:
        found = [await stores.public.find_public(one.id) for one in everything]
        assert await stores.public.count_public(log.id) == len([one for one in found if one])
        return [one.version if one else None for one in found]

    assert await shown() == [None, None, None]
    public = PublicLog(log.id, f"open-{uuid4().hex[:8]}", whole=True, indexed=True, published_at=NOW)
    await stores.public.put_public_log(public)
    assert await shown() == [1, None, None]
    later = NOW + timedelta(days=1)
    await stores.public.choose(accepted.id, None, later)
    await stores.public.choose(proposed.id, 1, later)
    await stores.public.choose(draft.id, 1, later)
    assert await shown() == [None, 1, None]
    assert await stores.public.get_chosen(accepted.id) == Chosen(None)
    assert await stores.public.get_chosen(proposed.id) == Chosen(1)
    await stores.public.forget_choice(accepted.id)
    assert await stores.public.get_chosen(accepted.id) is None
    assert await shown() == [1, 1, None]
    found = await stores.public.find_public(proposed.id)
    assert found is not None
    assert (found.published_at, found.current, found.name) == (later, True, "adr-0002")
    await stores.public.put_public_log(replace(public, whole=False))
    assert await shown() == [None, 1, None]
    await stores.public.forget_choices(log.id)
    assert await shown() == [None, None, None]
    await stores.public.choose(accepted.id, 1, NOW)
    await stores.public.put_public_log(replace(public, withdrawn_at=NOW))
    assert await shown() == [None, None, None]


async def test_two_records_of_one_number_have_names_of_their_own(stores: Stores) -> None:
    log = await add_log(stores.decisions)
    twins = [await add_record(stores.decisions, log, 46, slug=slug) for slug in ("a", "b")]
    public = PublicLog(log.id, f"open-{uuid4().hex[:8]}", whole=True, indexed=True, published_at=NOW)
    await stores.public.put_public_log(public)
    found = [await stores.public.find_public(one.id) for one in twins]
    assert [one.name for one in found if one] == [f"adr-0046.{one.id.hex[-8:]}" for one in twins]
