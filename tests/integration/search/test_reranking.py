"""A model reads the best results once more: what it may change, and what happens when it does not answer."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from support.providers.scenarios import Asked, Scenario
from support.providers.server import KEY, TestProviders, run_test_providers

from cairn.entrypoints.reranking import open_reranker
from cairn.gateway.api import Gateway, read_operator_providers
from cairn.gateway.providers.factory import HttpProviders
from cairn.kernel.errors import Unavailable
from cairn.platform.secrets import SecretBox
from cairn.platform.settings import ProcessSettings
from cairn.search.api import Filters, Mode, Page, Position, Reranker, Search
from cairn.search.usecases import reranking

from .conftest import Organisation, Record, WordEmbedder
from .test_query_language import link, set_field


class LikesWord:
    """Finds a passage the better the more often it says a word."""

    name = "likes"

    def __init__(self, word: str) -> None:
        self._word = word
        self.asked: list[tuple[str, Sequence[str]]] = []

    async def prepare(self) -> None:
        """Nothing to prepare."""

    async def rerank(self, query: str, texts: Sequence[str], *, tenant_id: UUID, seconds: float) -> NDArray[np.float64]:
        assert tenant_id.int
        assert seconds > 0
        self.asked.append((query, texts))
        return await self.judge(texts)

    async def judge(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([float(text.count(self._word)) for text in texts])


class Silent(LikesWord):
    """Never answers."""

    async def judge(self, texts: Sequence[str]) -> NDArray[np.float64]:
        await asyncio.Event().wait()
        return np.zeros(len(texts))


class Refusing(LikesWord):
    """Says that it cannot."""

    async def judge(self, texts: Sequence[str]) -> NDArray[np.float64]:
        message = f"out of order for {len(texts)}"
        raise Unavailable(message)


class Wrong(LikesWord):
    """Gives another count of numbers, or numbers that are none."""

    async def judge(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.full(len(texts), np.nan) if self._word else np.zeros(len(texts) + 1)


async def ask(
    organisation: Organisation,
    query: str,
    reranker: Reranker | None,
    *,
    mode: Mode = Mode.LEXICAL,
    page_size: int = 10,
    after: Position | None = None,
) -> Page:
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        return await Search(WordEmbedder(), reranker=reranker).search(
            connection, query, mode=mode, filters=Filters(), page_size=page_size, after=after
        )


def found(page: Page) -> list[UUID]:
    return [one.decision_id for one in page.records]


async def fill(organisation: Organisation) -> list[Record]:
    """Records ever less about queues, and ever more about leases."""
    records = [
        await organisation.write(f"Record {number}", "queue " * (8 - number) + "lease " * number)
        for number in range(1, 6)
    ]
    await organisation.index(*records)
    await organisation.embed(*records)
    return records


@pytest.mark.parametrize("mode", list(Mode))
async def test_the_model_orders_the_best_and_says_so(organisation: Organisation, mode: Mode) -> None:
    records = await fill(organisation)
    plain = await ask(organisation, "queue", None, mode=mode)
    assert found(plain) == [record.id for record in records]
    model = LikesWord("lease")
    page = await ask(organisation, "queue", model, mode=mode)
    assert found(page) == [record.id for record in reversed(records)]
    assert page.notice == plain.notice
    assert page.records[0].shares["reranker"] > 0 > page.records[-1].shares["reranker"]
    for one in page.records:
        assert sum(one.shares.values()) == pytest.approx(one.score)
    [(query, texts)] = model.asked
    assert query == "queue"
    assert texts[0].startswith("Record 1\n")


async def test_pages_join_in_the_models_order(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    records = await fill(organisation)
    monkeypatch.setattr(reranking, "RERANKED_MAX", 3)
    seen: list[UUID] = []
    after: Position | None = None
    for _ in range(5):
        page = await ask(organisation, "queue", LikesWord("lease"), page_size=1, after=after)
        seen += found(page)
        after = page.next
    assert after is None
    first, second, third, *rest = [record.id for record in records]
    assert seen == [third, second, first, *rest]


async def test_a_name_stays_ahead_and_what_is_superseded_stays_back(organisation: Organisation) -> None:
    first, second, *_, last = await fill(organisation)
    for place, record in enumerate((first, second), 1):
        await set_field(organisation, record, number=place)
    assert found(await ask(organisation, "1", LikesWord("lease")))[0] == first.id
    for record in (second, last):
        await set_field(organisation, record, status="superseded")
    await link(organisation, first, "supersedes", last)
    page = await ask(organisation, "queue", LikesWord("Record"))
    # The model finds all alike, so that what is in force comes first.
    assert found(page)[-2:] == [second.id, last.id]
    assert found(page)[0] == first.id


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Refusing(""), "Not reranked by likes: out of order for 5."),
        (Silent(""), "Not reranked by likes: no answer in 0 s."),
        (Wrong(""), "did not say how well each passage answers"),
        (Wrong("nan"), "did not say how well each passage answers"),
    ],
)
async def test_without_an_answer_the_order_stays(
    organisation: Organisation, model: LikesWord, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reranking, "SECONDS_MAX", 0.01)
    records = await fill(organisation)
    page = await ask(organisation, "queue", model)
    assert found(page) == [record.id for record in records]
    assert told in page.notice
    assert all("reranker" not in one.shares for one in page.records)


async def test_passages_for_a_question_are_reranked(organisation: Organisation) -> None:
    records = await fill(organisation)
    async with organisation.database.transaction(organisation.caller, isolation="repeatable_read") as connection:
        search = Search(WordEmbedder(), reranker=LikesWord("lease"))
        passages = await search.find_passages(connection, "queue", mode=Mode.LEXICAL)
    assert passages[0].decision_id == records[-1].id


@pytest.fixture
async def servers() -> AsyncIterator[TestProviders]:
    async with run_test_providers() as running:
        running.scenarios["judge"] = Scenario(answer=_count_leases)
        running.scenarios["chatty"] = Scenario(answer=lambda _: ["I like [1, 2", "] best."])
        yield running


def _count_leases(asked: Asked) -> list[str]:
    passages = re.split(r"\n\n\[\d+\] ", asked.messages[-1][1])[1:]
    return [f"[{', '.join(str(passage.count('lease')) for passage in passages)}", "]"]


@pytest.mark.parametrize(("model", "told"), [("judge", ""), ("chatty", "each passage"), ("none", "none")])
async def test_a_model_behind_the_gateway_reranks(
    organisation: Organisation, servers: TestProviders, tmp_path: Path, model: str, told: str
) -> None:
    (tmp_path / "providers.toml").write_text(
        f'[[provider]]\nname = "vendor"\nkind = "openai_compatible"\nbase_url = "{servers.openai_url}"\n'
        f'models = ["judge", "chatty"]\nkey = "{KEY}"\n'
    )
    (tmp_path / "providers.toml").chmod(0o600)
    url = "postgresql://x/x"
    settings = ProcessSettings(
        tmp_path, 1, app_database_url=url, bus_database_url=url, reranker=f"model:vendor/{model}"
    )
    providers = HttpProviders.open(local=True)
    box, operator = SecretBox.open(tmp_path), read_operator_providers(tmp_path)
    records = await fill(organisation)
    async with (
        Gateway(organisation.database, providers, box, operator, local=True) as gateway,
        open_reranker(settings, gateway) as reranker,
    ):
        page = await ask(organisation, "queue", reranker)
    await providers.close()
    if told:
        assert told in page.notice
        assert found(page) == [record.id for record in records]
    else:
        assert page.notice == ""
        assert found(page) == [record.id for record in reversed(records)]


async def test_a_folder_without_a_model_leaves_the_order(
    organisation: Organisation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = await fill(organisation)
    url = "postgresql://x/x"
    settings = ProcessSettings(tmp_path, 1, app_database_url=url, bus_database_url=url, reranker=str(tmp_path))
    providers = HttpProviders.open(local=True)
    operator = read_operator_providers(tmp_path)
    async with Gateway(organisation.database, providers, SecretBox.open(tmp_path), operator, local=True) as gateway:
        async with open_reranker(settings, gateway) as reranker:
            assert reranker is not None
            with pytest.raises(Unavailable, match="needs tokenizer"):
                await reranker.prepare()
            page = await ask(organisation, "queue", reranker)
        assert found(page) == [record.id for record in records]
        assert "Not reranked" in page.notice
        assert [notice.code for notice in page.notices] == ["not_reranked"]
        async with open_reranker(ProcessSettings(tmp_path, 1, url, url), gateway) as none:
            assert none is None
    await providers.close()
    assert "CAIRN_RERANKER" in caplog.text
