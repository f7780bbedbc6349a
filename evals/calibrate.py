"""Fits what a record must reach to be quoted (`chat/domain/relevance.py`), and prints how well it tells answers apart.

Run alone, with CAIRN_CORPORA. Every question is asked with its record there and again with that record, and what it is
linked to by supersession, taken away. Each log is judged by coefficients fitted on the others (five folds; Cairn's own
questions are dealt out one by one), so the shares printed are of questions the fit has not seen. Kinds: `title`, half
of a title's words, both also put as questions, what people ask of Cairn's decisions, and what those do not speak of.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import numpy as np
from answers import REPOSITORY, Logs
from indexes import KeptEmbedder, build_index
from logs import Judged, read_folder, read_judged
from numpy.typing import NDArray
from run import CACHE

from cairn.chat.domain.relevance import Evidence, Topic, features
from cairn.chat.domain.sources import Findings, Source
from cairn.search.model.embedder import MiniLm

PUT = ("What did we decide about {}?", "Why {}?", "How do we handle {}?", "What is the rule for {}?")
KINDS = ("title", "half", "asked", "asked_half", "people")
FOLDS = 5
PHRASES, QUESTIONS = ("title", "half"), ("asked", "asked_half", "people", "elsewhere")
# Cairn's own are few, and the only ones in people's words.
WEIGHTS = {"people": 8.0, "elsewhere": 4.0}
# Of the features; phrases gain nothing from the last two.
PHRASE_FEATURES, QUESTION_FEATURES = 6, 8
RIDGE = 1.0


@dataclass(frozen=True)
class Case:
    """A question, whether its record was there, and the features of each record found."""

    kind: str
    fold: int
    present: bool
    relevant: frozenset[UUID]
    rows: dict[UUID, NDArray[np.float64]]


def read_rows(findings: Findings) -> dict[UUID, NDArray[np.float64]]:
    """Return the features of each record found, a constant last."""
    topic = Topic(findings)
    by_record: dict[UUID, list[Source]] = {}
    for source in findings.sources:
        by_record.setdefault(source.record.id, []).append(source)
    weighed: dict[UUID, Evidence] = {id_: topic.weigh(found[0].record.title, found) for id_, found in by_record.items()}
    return {
        id_: np.array([*features(one, [other for key, other in weighed.items() if key != id_]), 1.0])
        for id_, one in weighed.items()
    }


async def gather(folder: Path) -> list[Case]:
    """Ask everything, twice."""
    judged = read_judged(folder)
    embedder = KeptEmbedder(MiniLm(CACHE), CACHE)
    await embedder.prepare()
    logs = Logs(judged, await build_index(judged.records, embedder), embedder)
    names = sorted({record.log for record in judged.records})
    chained: dict[UUID, set[UUID]] = {}
    for record in judged.records:
        if record.successor_id:
            chained.setdefault(record.id, set()).add(record.successor_id)
            chained.setdefault(record.successor_id, set()).add(record.id)
    draw = random.Random(7)  # noqa: S311 - it chooses words.
    cases: list[Case] = []
    titles = [query for query in judged.queries if query.kind == "title"]
    for at, query in enumerate(titles):
        gone = query.relevant | {other for one in query.relevant for other in chained.get(one, ())}
        half = " ".join([word for word in query.text.split() if draw.random() < 0.6] or query.text.split())
        asked = draw.choice(PUT)
        texts = {"title": query.text, "asked_half": asked.format(half)}
        for kind, text in (texts if at % 2 else {"half": half, "asked": asked.format(query.text)}).items():
            for present in (True, False):
                found = await logs.find(text, query.log, without=frozenset() if present else frozenset(gone))
                fold = names.index(query.log) % FOLDS
                cases.append(Case(kind, fold, present, query.relevant, read_rows(found)))
    cases += await gather_people(embedder)
    embedder.save()
    return cases


async def gather_people(embedder: KeptEmbedder) -> list[Case]:
    """Ask what people ask of Cairn's own decisions."""
    records = read_folder(REPOSITORY / "docs" / "decisions", "cairn")
    numbered = {int(record.path[:4]): record.id for record in records}
    logs = Logs(Judged(records=records), await build_index(records, embedder), embedder)
    asked = json.loads((Path(__file__).parent / "questions.json").read_text(encoding="utf-8"))
    cases: list[Case] = []
    for at, (question, numbers) in enumerate(asked["about_the_log"]):
        targets = frozenset(numbered[one] for one in (numbers if isinstance(numbers, list) else [numbers]))
        for present in (True, False):
            found = await logs.find(question, "cairn", without=frozenset() if present else targets)
            cases.append(Case("people", at % FOLDS, present, targets, read_rows(found)))
    for at, question in enumerate(asked["about_other_things"]):
        found = await logs.find(question, "cairn")
        cases.append(Case("elsewhere", at % FOLDS, present=False, relevant=frozenset(), rows=read_rows(found)))
    return cases


def fit(cases: Sequence[Case]) -> NDArray[np.float64]:
    """Return the coefficients: of the record that answers against the best of those that do not, four times over."""
    every = np.array([row for case in cases for row in case.rows.values()])
    scale = np.append(every[:, :-1].std(axis=0) + 1e-9, 1.0)
    counts: dict[tuple[str, bool], int] = {}
    for case in cases:
        counts[case.kind, case.present] = counts.get((case.kind, case.present), 0) + 1
    beta = np.append(np.ones(every.shape[1] - 1), 0.0)
    for _ in range(4):
        rows: list[NDArray[np.float64]] = []
        answers: list[float] = []
        weights: list[float] = []
        for case in cases:
            chosen = [row for id_, row in case.rows.items() if not case.present or id_ in case.relevant]
            if chosen:
                rows.append(max((row / scale for row in chosen), key=lambda row: float(row @ beta)))
                answers.append(float(case.present))
                weights.append(100 * WEIGHTS.get(case.kind, 1.0) / counts[case.kind, case.present])
        beta = _newton(np.array(rows), np.array(answers), np.array(weights))
    return beta / scale


def _newton(
    rows: NDArray[np.float64], answers: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    beta = np.zeros(rows.shape[1])
    ridge = np.append(np.full(rows.shape[1] - 1, RIDGE), 1e-6)
    for _ in range(40):
        likely = 1 / (1 + np.exp(-np.clip(rows @ beta, -30, 30)))
        slope = rows.T @ (weights * (likely - answers)) + ridge * beta
        curve = (rows * (weights * likely * (1 - likely))[:, None]).T @ rows + np.diag(ridge)
        beta -= np.linalg.solve(curve, slope)
    return beta


def report(cases: Sequence[Case], kinds: Sequence[str], columns: int) -> None:
    """Print the coefficients of all cases, and what those of the other folds make of each."""
    of_kinds = [
        replace(case, rows={id_: np.append(row[:columns], row[-1:]) for id_, row in case.rows.items()})
        for case in cases
        if case.kind in kinds
    ]
    print(f"{', '.join(kinds)}: {np.round(fit(of_kinds), 2).tolist()}")
    scored: dict[tuple[str, bool], list[float]] = {}
    for fold in range(FOLDS):
        beta = fit([case for case in of_kinds if case.fold != fold])
        for case in of_kinds:
            if case.fold == fold:
                best = max((float(row @ beta) for row in case.rows.values()), default=-9.0)
                scored.setdefault((case.kind, case.present), []).append(best)
    for kind in kinds:
        absent = np.array(scored[kind, False])
        for bar in (-0.5, -0.4, 0.0, 0.5):
            present = np.array(scored.get((kind, True), [np.nan]))
            answered, declined = 100 * np.mean(present > bar), 100 * np.mean(absent <= bar)
            print(f"  {kind:<12} above {bar:4.1f}: answered {answered:5.1f}, declined {declined:5.1f}")


async def main() -> int:
    """Fit phrases and questions apart."""
    folder = os.environ.get("CAIRN_CORPORA")
    if not folder:
        print("Set CAIRN_CORPORA to a folder with corpora/ and qrels/ to calibrate.", file=sys.stderr)
        return 2
    cases = await gather(Path(folder))
    report(cases, PHRASES, PHRASE_FEATURES)
    report(cases, QUESTIONS, QUESTION_FEATURES)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
