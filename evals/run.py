"""`make eval`: how well search finds, against plain BM25 in the same run, on judgements of ten real logs.

CAIRN_CORPORA names a folder with `corpora/` and `qrels/`. Prints tables and writes `evals/report.json`, a flat object.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
from answers import evaluate_answers
from baselines import PlainBm25, fuse
from figures import difference, hit, interval, reciprocal
from import_labels import evaluate_import, print_scores
from import_report import print_reports, read_log
from indexes import KeptEmbedder, build_index
from logs import Judged, Query, log_id, read_judged, without_summaries, without_titles

from cairn.search.domain import Filters, Mode
from cairn.search.memory import MemoryIndex
from cairn.search.model.embedder import MiniLm
from cairn.search.model.query import parse_query
from cairn.search.usecases.evaluation import evaluate
from cairn.search.usecases.meaning import QueryVector
from cairn.search.usecases.searching import check_query

REPORT = Path(__file__).parent / "report.json"
CACHE = Path(__file__).parent / ".cache"
KINDS = ("cite", "commit", "title", "summary", "supersession")
SYSTEMS = ("plain_bm25", "usual_hybrid", "lexical", "semantic", "hybrid")
# The hybrid with one leg's share taken out of the sum.
LEGS = ("record_words", "passage_words", "neighbours", "title_words", "meaning", "links", "standing", "log")
ABLATIONS = tuple(f"without_{leg}" for leg in LEGS)
RECENT_YEAR = 2026
Ranks = dict[str, list[int | None]]


def rank_of(ranking: Sequence[UUID], query: Query) -> int | None:
    """Return the place of the first record that answers a query, counting from 1."""
    return next((place for place, id_ in enumerate(ranking, 1) if id_ in query.relevant), None)


async def rank_query(
    index: MemoryIndex, query: Query, embedder: KeptEmbedder, *, within_log: bool
) -> dict[str, list[UUID]]:
    """Return the product's ranking of records for a query in every mode, with the query's own record taken away."""
    text = check_query(query.text[:20_000])
    vector = QueryVector(embedder.name, embedder.embed([text])[0])
    filters = Filters(log_ids=(log_id(query.log),)) if within_log else Filters()
    hidden = index.decisions.get(query.exclude) if query.exclude else None
    if query.exclude and hidden:
        index.decisions[query.exclude] = replace(hidden, hidden=True)
    found: dict[str, list[UUID]] = {}
    for mode in Mode:
        evaluated = await evaluate(index, parse_query(text, filters), mode, vector)
        numbers = evaluated.rows.record_nos[evaluated.ranking.order].tolist()
        ids = await index.decision_ids(numbers)
        found[mode.value] = [ids[number] for number in numbers]
        if mode is Mode.HYBRID:
            ranking = evaluated.ranking
            for leg, name in zip(LEGS, ABLATIONS, strict=True):
                left = (ranking.scores - ranking.shares[leg])[ranking.order]
                found[name] = [ids[numbers[place]] for place in np.argsort(-left, kind="stable")]
    if query.exclude and hidden:
        index.decisions[query.exclude] = hidden
    return found


async def rank_all(judged: Judged, embedder: KeptEmbedder, *, within_log: bool) -> dict[str, Ranks]:
    """Return, per kind and system, the rank of the answer of each query."""
    pools = {
        "title": without_titles(judged.records),
        "summary": without_summaries(judged.records, judged.queries),
        "": judged.records,
    }
    results: dict[str, Ranks] = {kind: {system: [] for system in (*SYSTEMS, *ABLATIONS)} for kind in KINDS}
    for name, records in pools.items():
        index = await build_index(records, embedder)
        plain = PlainBm25(records)
        for query in judged.queries:
            if (query.kind if query.kind in pools else "") != name:
                continue
            found = await rank_query(index, query, embedder, within_log=within_log)
            log = query.log if within_log else None
            found["plain_bm25"] = plain.rank(query.text, hidden=query.exclude, log=log)
            found["usual_hybrid"] = fuse([found["plain_bm25"][:100], found["semantic"][:100]])
            for system in (*SYSTEMS, *ABLATIONS):
                results[query.kind][system].append(rank_of(found[system], query))
    return results


def report(results: Mapping[str, Ranks], pool: str) -> dict[str, float]:
    """Print one pool's table and return its figures by name."""
    figures: dict[str, float] = {}
    print(f"\n{pool}: hit@1 / hit@10 / MRR@10 in % [95 % bootstrap interval]; gain: hybrid over plain, paired")
    for kind, ranks in results.items():
        count = len(ranks["hybrid"])
        if not count:
            continue
        figures[f"{pool}.{kind}.queries"] = count
        print(f"  {kind} ({count})")
        for system in SYSTEMS:
            found = ranks[system]
            first, ten, mean = hit(found, 1), hit(found, 10), interval(reciprocal(found))
            figures[f"{pool}.{kind}.{system}.hit1"] = round(100 * float(first.mean()), 2)
            figures[f"{pool}.{kind}.{system}.hit10"] = round(100 * float(ten.mean()), 2)
            figures[f"{pool}.{kind}.{system}.mrr10"] = round(mean.mean, 2)
            print(f"    {system:<14}{100 * first.mean():6.1f}{100 * ten.mean():7.1f}   {mean}")
        for name, measure in (("hit10", lambda found: hit(found, 10)), ("mrr10", reciprocal)):
            gain = difference(measure(ranks["hybrid"]), measure(ranks["plain_bm25"]))
            figures[f"{pool}.{kind}.gain_over_plain.{name}"] = round(gain.mean, 2)
            figures[f"{pool}.{kind}.gain_over_plain.{name}_low"] = round(gain.low, 2)
            figures[f"{pool}.{kind}.gain_over_plain.{name}_high"] = round(gain.high, 2)
            print(f"    gain in {name}: {gain}")
    return figures


def report_ablations(results: Mapping[str, Ranks], pool: str) -> dict[str, float]:
    """Print what each leg is worth: the hybrid's figures less those without the leg, paired."""
    figures: dict[str, float] = {}
    print(f"\n{pool}: what the hybrid gains by a leg, in points of hit@10 and of MRR@10 [95 %], paired")
    for kind, ranks in results.items():
        if not ranks["hybrid"]:
            continue
        print(f"  {kind}")
        for leg, name in zip(LEGS, ABLATIONS, strict=True):
            ten = difference(hit(ranks["hybrid"], 10), hit(ranks[name], 10))
            mean = difference(reciprocal(ranks["hybrid"]), reciprocal(ranks[name]))
            figures[f"{pool}.{kind}.gain_by_{leg}.hit10"] = round(ten.mean, 2)
            figures[f"{pool}.{kind}.gain_by_{leg}.mrr10"] = round(mean.mean, 2)
            print(f"    {leg:<14} {ten}   {mean}")
    return figures


def only_recent(results: Mapping[str, Ranks], judged: Judged) -> dict[str, Ranks]:
    """Return the ranks of those queries whose answers were all decided in 2026, after the model was trained."""
    years = {record.id: record.year for record in judged.records}
    # As `rank_all` goes: a kind's queries stand in the order of the judgements.
    recent = {
        kind: [
            all(years.get(id_) == RECENT_YEAR for id_ in query.relevant)
            for query in judged.queries
            if query.kind == kind
        ]
        for kind in KINDS
    }
    return {
        kind: {
            system: [rank for rank, wanted in zip(found, recent[kind], strict=True) if wanted]
            for system, found in ranks.items()
        }
        for kind, ranks in results.items()
    }


async def main() -> int:
    """Run the evaluation. Return the exit code."""
    folder = os.environ.get("CAIRN_CORPORA")
    if not folder or not (Path(folder) / "qrels").is_dir():
        print("Set CAIRN_CORPORA to a folder with corpora/ and qrels/ to run the evaluation.", file=sys.stderr)
        return 2
    started = time.monotonic()
    judged = read_judged(Path(folder))
    model = MiniLm(CACHE)
    embedder = KeptEmbedder(model, CACHE)
    await embedder.prepare()
    figures: dict[str, float] = {"records": len(judged.records), "queries_left_out": judged.left_out}
    for pool, within_log in (("whole_pool", False), ("within_log", True)):
        ranks = await rank_all(judged, embedder, within_log=within_log)
        figures |= report(ranks, pool)
        figures |= report_ablations(ranks, pool)
        figures |= report(only_recent(ranks, judged), f"{pool}.decided_in_{RECENT_YEAR}")
        embedder.save()
    print()
    logs = [read_log(path) for path in sorted((Path(folder) / "corpora").iterdir()) if path.is_dir()]
    figures |= print_reports(logs)
    figures |= print_scores(evaluate_import(logs))
    print("\nAnswers: see evals/answers.py for what the names mean; shares in %")
    figures |= await evaluate_answers(judged, embedder, await build_index(judged.records, embedder))
    embedder.save()
    figures["seconds"] = round(time.monotonic() - started, 1)
    REPORT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"\n{len(judged.records)} records, {figures['seconds']} s. Figures: {REPORT}")
    return 0


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    sys.exit(asyncio.run(main()))
