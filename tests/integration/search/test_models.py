"""Two embedding models: a provider's beside the one before, and which of them answers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from support.providers.server import TestProviders, run_test_providers

from cairn.decisions.api import DECISION_CHANGED
from cairn.entrypoints.embedding import embedders, open_gateway
from cairn.kernel.errors import Unavailable
from cairn.kernel.events import Event
from cairn.platform.bus import ConsumerGroup
from cairn.platform.database import Connection
from cairn.platform.settings import ProcessSettings
from cairn.search import jobs
from cairn.search.api import Embedder, Mode, Page, Search
from cairn.search.postgres import PostgresIndex

from .conftest import Organisation, Record, WordEmbedder

MODEL = "vendor/small"


@pytest.fixture
async def servers() -> AsyncIterator[TestProviders]:
    async with run_test_providers() as running:
        yield running


@pytest.fixture
async def provider(organisation: Organisation, servers: TestProviders, tmp_path: Path) -> AsyncIterator[Embedder]:
    """A model of a provider that is configured in the operator's file."""
    (tmp_path / "providers.toml").write_text(
        f'[[provider]]\nname = "vendor"\nkind = "openai_compatible"\nbase_url = "{servers.openai_url}"\n'
        'models = ["small"]\nkey = "k"\n'
    )
    (tmp_path / "providers.toml").chmod(0o600)
    url = "postgresql://x/x"
    settings = ProcessSettings(tmp_path, 1, app_database_url=url, bus_database_url=url, embedding_model=MODEL)
    async with open_gateway(settings, organisation.database) as gateway:
        yield embedders(settings, gateway)[0]


async def ask(organisation: Organisation, query: str, models: Sequence[Embedder], mode: Mode = Mode.SEMANTIC) -> Page:
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        return await Search(*models).search(connection, query, mode=mode)


async def answering(organisation: Organisation) -> tuple[str, list[str]]:
    """Return the model that answers, and all that there are."""
    async with organisation.database.transaction(organisation.caller) as connection:
        names = [row["name"] for row in await connection.fetch("select name from search_model order by id")]
        return (await PostgresIndex(connection).query_model())[1], names


def follow(
    organisation: Organisation, model: Embedder, records: Sequence[Record], monkeypatch: pytest.MonkeyPatch
) -> tuple[ConsumerGroup, list[Event]]:
    """Return the worker's group that embeds, and an event for each record."""
    known = {record.id: record for record in records}

    async def read(_: Connection, ids: Sequence[UUID]) -> dict[UUID, Record]:
        return {id_: known[id_] for id_ in ids}

    monkeypatch.setattr(jobs, "read_for_indexing", read)
    _, meaning, _ = jobs.consumer_groups(organisation.database, model)
    tenant_id, now = organisation.caller.tenant_id, datetime.now(UTC)
    return meaning, [
        Event(tenant_id, at, DECISION_CHANGED, str(id_), {"decision_id": str(id_)}, now)
        for at, id_ in enumerate(known, 1)
    ]


async def test_a_provider_embeds_for_an_organisation(organisation: Organisation, provider: Embedder) -> None:
    vectors = await asyncio.to_thread(provider.embed, ["ab", "abcd"], organisation.caller.tenant_id)
    expected = np.array([[2, 0.5], [4, 0.5]])
    assert vectors == pytest.approx(expected / np.linalg.norm(expected, axis=1, keepdims=True))
    with pytest.raises(Unavailable, match="for an organisation only"):
        provider.embed(["kafka"])


async def test_a_new_model_answers_when_it_is_complete(
    organisation: Organisation, provider: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [await organisation.write(f"About {word}", f"{word} " * 5) for word in ("kafka", "postgres", "vue")]
    old = WordEmbedder()
    meaning, events = follow(organisation, old, records, monkeypatch)
    await meaning.handle(events)
    assert await answering(organisation) == (old.name, [old.name])
    async with organisation.database.transaction(organisation.caller) as connection:
        await Search(provider).make_stale(connection, embed_anew=False)

    meaning, events = follow(organisation, provider, records, monkeypatch)
    await meaning.handle(events[:2])
    assert await answering(organisation) == (old.name, [old.name, MODEL])
    page = await ask(organisation, "postgres", [provider, old])
    assert (page.mode, page.records[0].decision_id) == (Mode.SEMANTIC, records[1].id)

    await meaning.handle(events[2:])
    assert await answering(organisation) == (MODEL, [MODEL])
    page = await ask(organisation, "postgres", [provider, old])
    assert page.mode is Mode.SEMANTIC
    # The test provider's vectors say how long a text is: all of these are alike.
    assert {found.decision_id for found in page.records} == {record.id for record in records}
    async with organisation.database.transaction(organisation.caller) as connection:
        assert await connection.fetchval("select count(distinct model) from search_vector") == 1
        assert await connection.fetchval("select count(distinct model) from search_vector_block") == 1


async def test_words_answer_when_the_provider_does_not(
    organisation: Organisation, provider: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await organisation.write("About kafka", "kafka")
    meaning, events = follow(organisation, provider, [record], monkeypatch)
    await meaning.handle(events)
    assert (await ask(organisation, "kafka", [provider, WordEmbedder()])).mode is Mode.SEMANTIC

    def refuse(_: Sequence[str], tenant_id: UUID | None = None) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        raise Unavailable(f"Nobody answers {tenant_id}.")

    monkeypatch.setattr(provider, "embed", refuse)
    page = await ask(organisation, "kafka", [provider, WordEmbedder()], Mode.HYBRID)
    assert (page.mode, page.records[0].decision_id) == (Mode.LEXICAL, record.id)
    assert "by words" in page.notice
