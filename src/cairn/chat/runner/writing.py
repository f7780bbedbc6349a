"""Drafts, revisions and sweeps: look in one transaction, then write without one."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from cairn.chat.domain.drafting import Given
from cairn.chat.domain.events import ChatEvent, Started, Step
from cairn.chat.domain.relevance import find_answering
from cairn.chat.domain.revising import Selection
from cairn.chat.domain.sources import Findings, Source
from cairn.chat.domain.sweeping import (
    Finding,
    FindingKind,
    choose_candidates,
    choose_queries,
    find_gaps,
    find_unsupported_claims,
    name_candidate,
)
from cairn.chat.ports import Library, NewGeneration, Scope, Writer
from cairn.chat.runner.writers import write_with
from cairn.chat.usecases.writing import draft_record, judge_candidates, revise_selection
from cairn.gateway.api import ChosenModel, Gateway, ProviderFailure
from cairn.kernel.identity import Caller
from cairn.kernel.phrases import Phrase
from cairn.platform.database import Connection, Database

# More of what is being written says less about what it is about.
_RECALLED_CHARACTERS_MOST = 600
_RECALLED_WORDS_LEAST = 3
_RECALLED_MOST = 4
# A passage as close as this is worth a look, even where few words are shared.
_NEAR_CLOSENESS = 0.45


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found, whether a model judged the candidates, and why not when one was to."""

    findings: Sequence[Finding]
    judged: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """Everything that help with writing needs."""

    database: Database
    gateway: Gateway
    library: Callable[[Connection], Library]

    async def draft(
        self, caller: Caller, generation: NewGeneration, chosen: ChosenModel, given: Given, own_id: UUID | None
    ) -> AsyncGenerator[ChatEvent]:
        """Yield a draft as a whole generation. Raises `CairnError` when it cannot be whole."""
        yield Started(generation.id, generation.conversation_id, generation.model, generation.extracts_only)
        begun = time.perf_counter()
        findings = await self._find(caller, given.about, generation.scope, own_id)
        records = tuple(dict.fromkeys(source.record.id for source in findings.sources))
        elapsed_ms = round((time.perf_counter() - begun) * 1000)
        yield Step("Searched", f"{len(records)} related records", elapsed_ms, records)
        async for event in draft_record(given, findings, self._writer(caller, chosen)):
            yield event

    async def revise(
        self, caller: Caller, generation: NewGeneration, chosen: ChosenModel, selection: Selection
    ) -> AsyncGenerator[ChatEvent]:
        """Yield a revision as a whole generation. Raises `CairnError` when it cannot be whole."""
        yield Started(generation.id, generation.conversation_id, generation.model, generation.extracts_only)
        async for event in revise_selection(selection, self._writer(caller, chosen)):
            yield event

    async def sweep(
        self, caller: Caller, chosen: ChosenModel | None, title: str, body: str, own_id: UUID | None
    ) -> Swept:
        """Return what contradicts or repeats a record, and what it lacks."""
        found = [await self._find(caller, query, Scope(), own_id) for query in choose_queries(title, body)]
        candidates = choose_candidates(found, [source for findings in found for source in _near(findings)])
        unjudged = [name_candidate(found[0], source) for source in candidates]
        lacking = [*find_gaps(body), *find_unsupported_claims(body)]
        write = self._writer(caller, chosen) if chosen else None
        if write is None or not candidates:
            return Swept([*unjudged, *lacking], judged=False)
        try:
            verdicts = await judge_candidates(title, body, candidates, write)
        except ProviderFailure as failure:
            return Swept([*unjudged, *lacking], judged=False, notice=failure.message)
        if verdicts is None:
            notice = Phrase(
                "no_judgement", "The model gave no judgement that can be read, so these are the candidates."
            )
            return Swept([*unjudged, *lacking], judged=False, notice=notice)
        told = {finding.source.record.id for finding in verdicts if finding.source}
        repeated = [
            one
            for one in unjudged
            if one.kind is FindingKind.DUPLICATE and one.source and one.source.record.id not in told
        ]
        return Swept([*verdicts, *repeated, *lacking], judged=True)

    async def recall(self, caller: Caller, text: str, log_ids: Sequence[UUID], own_id: UUID | None) -> list[Source]:
        """Return passages of decisions that what is being written speaks about, best first."""
        about = text.replace("\0", "").strip()[-_RECALLED_CHARACTERS_MOST:]
        if len(about.split()) < _RECALLED_WORDS_LEAST:
            return []
        findings = await self._find(caller, about, Scope(log_ids=tuple(log_ids)), own_id)
        return _near(findings)[:_RECALLED_MOST]

    async def _find(self, caller: Caller, about: str, scope: Scope, own_id: UUID | None) -> Findings:
        async with self.database.transaction(caller, isolation="repeatable_read") as connection:
            found = await self.library(connection).find(about, scope)
        sources = tuple(source for source in found.sources if source.record.id != own_id)
        return replace(found, question=about, sources=sources)

    def _writer(self, caller: Caller, chosen: ChosenModel) -> Writer | None:
        return None if chosen.extracts_only else write_with(self.gateway, caller, chosen)


def _near(findings: Findings) -> list[Source]:
    """Return a passage of each record that is worth a look beside a text, best first."""
    answering = find_answering(findings, loosely=True)
    near: dict[UUID, Source] = {}
    for source in findings.sources:
        if source.record.id in answering or (source.closeness or 0.0) >= _NEAR_CLOSENESS:
            near.setdefault(source.record.id, source)
    return list(near.values())
