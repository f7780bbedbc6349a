"""Search over made-up organisations of several sizes in one table: latency, recall, and what indexing costs.

Terms follow Zipf's law and vectors stand around topics, so that postings are as long and neighbours as near as in real
logs. CAIRN_BENCH_PASSAGES lists the sizes that are measured. CAIRN_BENCH_TABLE fills the table up to that many passages
in all, with others whose sizes fall as 1/rank, to CAIRN_BENCH_ORGANISATIONS organisations (115). CAIRN_BENCH_DATA names
a folder that keeps what was made, for another run with the same sizes; CAIRN_BENCH_FIGURES says which figures to take,
of `search suggest recall index`, and CAIRN_BENCH_ONLY of which sizes.
"""

import asyncio
import gc
import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

import asyncpg
import numpy as np
import psutil
from numpy.typing import NDArray
from report import Report
from synthetic import DIMENSIONS, Organisation, Record, load_organisation, random_query

from cairn.platform.database import Connection, Database
from cairn.platform.migrations import migrate
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.search.api import Filters, Mode, Search
from cairn.search.model.embedder import MiniLm
from cairn.search.model.ranking import Rows
from cairn.search.postgres import PostgresIndex
from cairn.search.usecases.indexing import SEGMENTS_MAX, count_small_segments, index_words, merge_when_many
from cairn.search.usecases.lookup import WordIndex
from cairn.search.usecases.meaning import QueryVector, begin_closeness

_SIZES = "10000,100000"
_FIGURES = "search suggest recall index"
_ROUNDS = 60
_WARMING_SEARCHES = 10
_ORGANISATIONS = "115"
_RECALL_QUERIES = 30
_WORDS_BATCH = 25
_SCAN_SECONDS_MAX = 120.0
_WARMING_RECORDS = 10
_INDEXED_RECORDS = 60
_INDEXED_RECORDS_MAX = 500
_REBUILT_RECORDS = 500
_EMBEDDED_PASSAGES = 40
_WHOLE_PASSAGES = 1_000_000
_ENGLISH = (
    "services publish every event through the outbox because a crash between two writes must never lose what the "
    "database has committed and a consumer that was away reads the log again from its own position in order"
)
_SUGGEST_PASSAGES_MAX = 100_000
_TARGETS_MS = {10_000: 30.0, 100_000: 60.0, 300_000: 150.0, 1_000_000: 250.0}


class TopicEmbedder:
    """Spends the time of the real model on a query, and then gives a vector near one of the bench's topics."""

    name = "bench"
    dimensions = DIMENSIONS
    ready = True

    def __init__(self, inner: MiniLm, topics: NDArray[np.float32]) -> None:
        self._inner = inner
        self._topics = topics
        self._random = np.random.default_rng(5)

    async def prepare(self) -> None:
        """Make the real model ready."""
        await self._inner.prepare()

    def embed(self, texts: Sequence[str], tenant_id: UUID | None = None) -> NDArray[np.float32]:
        """Return a vector a text."""
        # Made-up words fall into four times as many pieces as those of a language.
        self._inner.embed([_in_english(text) for text in texts], tenant_id)
        return np.stack([self.vector(int(self._random.integers(len(self._topics)))) for _ in texts])

    def vector(self, topic: int) -> NDArray[np.float32]:
        """Return a unit vector near a topic."""
        found = self._topics[topic] + 0.6 * self._random.normal(size=DIMENSIONS) / np.sqrt(DIMENSIONS)
        return (found / np.linalg.norm(found)).astype(np.float32)


def _in_english(text: str) -> str:
    """Return as many words as a text has, in English."""
    return " ".join(itertools.islice(itertools.cycle(_ENGLISH.split()), len(text.split())))


def measure(report: Report) -> None:
    """Measure on a Postgres of its own."""
    report.title("Search")
    kept = os.environ.get("CAIRN_BENCH_DATA")
    home = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="cairn-bench-"))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    server = EmbeddedPostgres(home)
    server.start()
    try:
        asyncio.run(_measure(report, server, home))
    finally:
        server.stop()
        if not kept:
            shutil.rmtree(home)


async def _organisations(
    report: Report, server: EmbeddedPostgres, home: Path, topics: NDArray[np.float32]
) -> tuple[list[Organisation], int]:
    """Return the organisations to measure, made or kept, and how many passages the table has in all."""
    sizes = [int(size) for size in os.environ.get("CAIRN_BENCH_PASSAGES", _SIZES).split(",")]
    others = _other_sizes(sizes)
    wanted, note = f"{sizes} and {others}", home / "organisations.json"
    if note.exists():
        told = json.loads(note.read_text(encoding="utf-8"))
        if told["sizes"] != wanted:
            message = f"{home} keeps organisations of other sizes. Set CAIRN_BENCH_DATA to another folder, or unset it."
            raise SystemExit(message)
        return [Organisation.told(one) for one in told["organisations"]], sum(sizes) + sum(others)
    loader = await asyncpg.connect(server.superuser_url("bench"))
    organisations: list[Organisation] = []
    for number, size in enumerate(sizes):
        started = time.perf_counter()
        organisations.append(await load_organisation(loader, size, topics, seed=number))
        report.say(f"{size} passages were loaded in {time.perf_counter() - started:.0f} s")
    for number, size in enumerate(others):
        await load_organisation(loader, size, topics, seed=1_000 + number)
    if others:
        report.say(f"{sum(others)} passages of {len(others)} other organisations, {max(others)} to {min(others)} each")
    await loader.execute("vacuum analyze")
    await loader.close()
    told = {"sizes": wanted, "organisations": [organisation.tell() for organisation in organisations]}
    note.write_text(json.dumps(told), encoding="utf-8")
    return organisations, sum(sizes) + sum(others)


async def _measure(report: Report, server: EmbeddedPostgres, home: Path) -> None:
    urls = await server.provision("bench")
    await migrate(urls.owner)
    topics = np.random.default_rng(3).normal(size=(200, DIMENSIONS)).astype(np.float32)
    topics /= np.linalg.norm(topics, axis=1, keepdims=True)
    organisations, total = await _organisations(report, server, home, topics)
    figures = os.environ.get("CAIRN_BENCH_FIGURES", _FIGURES).split()
    only = [int(size) for size in os.environ.get("CAIRN_BENCH_ONLY", "").split(",") if size]
    embedder = TopicEmbedder(MiniLm(home), topics)
    await embedder.prepare()
    embedder.embed(["warm"])
    # As the server does once everything is loaded.
    gc.freeze()
    gc.set_threshold(5000)
    # One connection, so that one of Postgres's processes does all the work that is counted.
    database = await Database.connect(urls.app, most=1)
    # And another for what the worker does beside.
    beside = await Database.connect(urls.app, most=1)
    try:
        for organisation in organisations:
            if only and organisation.passages not in only:
                continue
            if "search" in figures:
                await _measure_search(report, database, embedder, organisation, total)
            if "suggest" in figures:
                await _measure_suggestions(report, database, embedder, organisation, total)
            if "recall" in figures:
                await _measure_recall(report, database, embedder, organisation)
            if "index" in figures:
                await _measure_indexing(report, database, beside, organisation)
        if "index" in figures:
            await _measure_rebuild(report, database, embedder, organisations[0])
    finally:
        await database.close()
        await beside.close()


def _target(size: int, name: str) -> float | None:
    """Return what a search may take in ms: the largest organisation's without a filter, the others' with one."""
    filtered = size < _WHOLE_PASSAGES
    return _TARGETS_MS.get(size) if name == ("hybrid_filtered" if filtered else "hybrid") else None


def _other_sizes(sizes: Sequence[int]) -> list[int]:
    """Return the sizes of the organisations that only fill the table."""
    left = int(os.environ.get("CAIRN_BENCH_TABLE", "0")) - sum(sizes)
    count = int(os.environ.get("CAIRN_BENCH_ORGANISATIONS", _ORGANISATIONS)) - len(sizes)
    if left <= 0 or count <= 0:
        return []
    shares = 1 / np.arange(1, count + 1)
    return [max(15, int(left * share / shares.sum())) for share in shares]


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await call()
    return 1000 * (time.perf_counter() - started)


def _postgres_seconds(backend: int) -> float:
    """Return the CPU time of one of Postgres's processes so far."""
    times = psutil.Process(backend).cpu_times()
    return times.user + times.system


def _p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95))


async def _measure_search(
    report: Report, database: Database, embedder: TopicEmbedder, organisation: Organisation, total: int
) -> None:
    search, random = Search(embedder), np.random.default_rng(9)
    size = organisation.passages

    async def ask(words: int, mode: Mode, filters: Filters) -> None:
        async with database.transaction(organisation.caller, isolation="repeatable_read") as connection:
            page = await search.search(connection, random_query(random, words), mode=mode, filters=filters)
            assert page.total >= len(page.records)

    async with database.transaction(organisation.caller) as connection:
        backend = await connection.fetchval("select pg_backend_pid()")
    report.add(
        f"search_first_{size}_ms",
        await _timed(lambda: ask(3, Mode.HYBRID, Filters())),
        f"the first search for 3 words, which reads what the server keeps in memory; {size} passages of {total}",
    )
    for words in (3, 11, 60):
        for name, mode, filters in (
            ("hybrid", Mode.HYBRID, Filters()),
            ("hybrid_filtered", Mode.HYBRID, Filters(tags=("tenth",))),
            ("lexical", Mode.LEXICAL, Filters()),
        ):
            for _ in range(_WARMING_SEARCHES):
                await ask(words, mode, filters)
            before, before_postgres = time.process_time(), _postgres_seconds(backend)
            taken = [await _timed(lambda: ask(words, mode, filters)) for _ in range(_ROUNDS)]  # noqa: B023 - awaited here.
            own = 1_000 * (time.process_time() - before) / _ROUNDS
            theirs = 1_000 * (_postgres_seconds(backend) - before_postgres) / _ROUNDS
            report.add(
                f"search_{name}_{words}_terms_{size}_ms_p95",
                _p95(taken),
                f"{_ROUNDS} searches one after the other, after {_WARMING_SEARCHES} others, top 10 with passages, "
                f"{size} passages of {total}; median {np.median(taken):.1f} ms; "
                f"CPU a search {own:.1f} ms, of Postgres {theirs:.1f} ms",
                below=_target(size, name),
            )


async def _measure_suggestions(
    report: Report, database: Database, embedder: TopicEmbedder, organisation: Organisation, total: int
) -> None:
    search, random = Search(embedder), np.random.default_rng(9)
    size = organisation.passages

    async def suggest() -> None:
        async with database.transaction(organisation.caller) as connection:
            await search.suggest(connection, random_query(random, 1)[:4])

    taken = [await _timed(suggest) for _ in range(_ROUNDS)]
    report.add(
        f"suggest_{size}_ms_p95",
        _p95(taken),
        f"{_ROUNDS} unfinished words, {size} passages of {total}",
        below=50 if size <= _SUGGEST_PASSAGES_MAX else None,
    )


async def _measure_recall(
    report: Report, database: Database, embedder: TopicEmbedder, organisation: Organisation
) -> None:
    for tag, share in (("", 100), ("tenth", 10), ("hundredth", 1), ("thousandth", 0.1)):
        kept, asked, fewer = {True: 0, False: 0}, {True: 0, False: 0}, 0
        async with database.transaction(organisation.caller, isolation="repeatable_read") as connection:
            index = PostgresIndex(connection)
            rows = Rows(await index.live_records(Filters(tags=(tag,) if tag else ())))
            words = await WordIndex.open(index)
            words.see(rows)
            opened = asyncio.get_running_loop().create_future()
            opened.set_result(words)
            for number in range(_RECALL_QUERIES):
                own = number % 2 == 0
                vector = embedder.vector(number % 100 if own else 100 + number % 100)
                query = QueryVector(embedder.name, vector)
                weighing = await begin_closeness(index, query, opened, narrowed=bool(tag))
                closeness = await weighing if weighing is not None else None
                assert closeness is not None
                await closeness.compare_nearest(index)
                found = await closeness.score(index, rows, None)
                near = found.passages.passage_nos[np.argsort(-found.passages.scores, kind="stable")[:10]]
                exact = await _scan(connection, vector, rows if tag else None)
                kept[own] += len(exact & set(near.tolist()))
                asked[own] += len(exact)
                fewer += len(near) < len(exact)
        for own, topics in ((True, "own"), (False, "foreign")):
            report.add(
                f"recall_at_10_{organisation.passages}_at_{share}_percent_{topics}_topics",
                kept[own] / max(asked[own], 1),
                f"{_RECALL_QUERIES // 2} queries on topics that the organisation "
                f"{'writes' if own else 'never writes'} about, against an exact scan",
                at_least=0.99,
            )
        report.add(
            f"fewer_results_than_exist_{organisation.passages}_at_{share}_percent",
            fewer,
            f"of {_RECALL_QUERIES} queries",
            below=0.5,
        )


async def _scan(connection: Connection, vector: NDArray[np.float32], rows: Rows | None) -> set[int]:
    """Return the ten passages that an exact scan finds nearest."""
    told = "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
    # A condition that lets everything through would be looked up a million times.
    await connection.execute(f"set local statement_timeout = '{_SCAN_SECONDS_MAX:.0f}s'")
    narrowed = "" if rows is None else "and record_no = any($2::int[])"
    found = await connection.fetch(
        f"select passage_no from search_vector where tenant_id = (select app_tenant()) {narrowed} "  # noqa: S608
        "order by embedding <=> (select $1::text::halfvec) limit 10",
        told,
        *([] if rows is None else [rows.record_nos.tolist()]),
        timeout=_SCAN_SECONDS_MAX,
    )
    return {row["passage_no"] for row in found}


async def _write(database: Database, organisation: Organisation, records: Sequence[Record]) -> None:
    async with database.transaction(organisation.caller) as connection:
        await connection.executemany(
            "insert into decision (tenant_id, id, log_id, slug, author_id, version, title, status) "
            "values ($1, $2, $3, 's', $4, 1, $5, 'accepted')",
            [
                (organisation.caller.tenant_id, one.id, organisation.log_id, organisation.caller.person_id, one.title)
                for one in records
            ],
        )


async def _index(database: Database, organisation: Organisation, records: Sequence[Record]) -> bool:
    """Make records findable by words. Return whether it is time to join segments."""
    async with database.transaction(organisation.caller) as connection:
        writer = PostgresIndex(connection)
        await writer.lock()
        await index_words(writer, [(one.id, one) for one in records])
        return await count_small_segments(writer) > SEGMENTS_MAX


async def _merge(database: Database, organisation: Organisation) -> None:
    async with database.transaction(organisation.caller) as connection:
        await merge_when_many(PostgresIndex(connection))


async def _measure_rebuild(
    report: Report, database: Database, embedder: TopicEmbedder, organisation: Organisation
) -> None:
    """Measure what it takes to make an organisation's index anew, as the worker does after `cairn reindex`."""
    records = [organisation.new_record(5_000 + number) for number in range(_REBUILT_RECORDS)]
    await _write(database, organisation, records)
    cpu, started = time.process_time(), time.perf_counter()
    for first in range(0, len(records), _WORDS_BATCH):
        if await _index(database, organisation, records[first : first + _WORDS_BATCH]):
            await _merge(database, organisation)
    passages = 20 * len(records)
    report.add(
        "rebuild_words_10000_passages_s",
        (time.perf_counter() - started) * 10_000 / passages,
        f"{len(records)} records of 20 passages in batches of {_WORDS_BATCH}, merges included; "
        f"CPU without Postgres's {(time.process_time() - cpu) * 10_000 / passages:.1f} s",
    )
    texts = [part for record in records[:2] for part in record.body.split("## ")[1:]][:_EMBEDDED_PASSAGES]
    cpu = time.process_time()
    embedder.embed(texts)
    report.add(
        "embed_passage_cpu_ms",
        1_000 * (time.process_time() - cpu) / len(texts),
        f"{len(texts)} passages of 170 English words; `cairn reindex --embed-anew` pays it",
    )


async def _measure_indexing(report: Report, database: Database, beside: Database, organisation: Organisation) -> None:
    async with database.transaction(organisation.caller) as connection:
        backend = await connection.fetchval("select pg_backend_pid()")
    taken: list[float] = []
    meanwhile: list[float] = []
    merges: list[asyncio.Task[float]] = []
    cpu = cpu_postgres = 0.0
    for number in range(_INDEXED_RECORDS_MAX):
        record = organisation.new_record(number)
        await _write(database, organisation, [record])
        before, before_postgres = time.process_time(), _postgres_seconds(backend)
        joining = any(not merge.done() for merge in merges)
        started = time.perf_counter()
        many = await _index(database, organisation, [record])
        milliseconds = 1_000 * (time.perf_counter() - started)
        if joining:
            meanwhile.append(milliseconds)
            if len(meanwhile) % _INDEXED_RECORDS == 0:
                await asyncio.gather(*merges)
        elif number >= _WARMING_RECORDS:
            taken.append(milliseconds)
            cpu += time.process_time() - before
            cpu_postgres += _postgres_seconds(backend) - before_postgres
        if len(taken) == _INDEXED_RECORDS:
            break
        if many and all(merge.done() for merge in merges):
            merges.append(asyncio.create_task(_timed(partial(_merge, beside, organisation))))
    joined = ", ".join(f"{one:.0f}" for one in await asyncio.gather(*merges))
    report.add(
        f"index_record_{organisation.passages}_ms_p95",
        _p95(taken),
        f"{len(taken)} records of 20 passages one after the other, after {_WARMING_RECORDS} others, words only, until "
        f"they are found; median {np.median(taken):.1f} ms, worst {max(taken):.0f} ms; CPU a record "
        f"{1_000 * cpu / len(taken):.1f} ms, of Postgres {1_000 * cpu_postgres / len(taken):.1f} ms",
        below=20,
    )
    if meanwhile:
        report.add(
            f"index_record_while_joining_{organisation.passages}_ms_p95",
            _p95(meanwhile),
            f"{len(meanwhile)} more that were indexed while segments were joined beside, which took {joined} ms; "
            f"median {np.median(meanwhile):.1f} ms, worst {max(meanwhile):.0f} ms",
        )
    async with database.transaction(organisation.caller) as connection:
        row = await connection.fetchrow(
            "select (select sum(bytes) from search_segment) as words, "
            "(select sum(pg_column_size(v)) from search_vector v) as vectors, "
            "(select sum(length(content)) from search_vector_block) as bits, "
            "(select count(*) from search_passage) as passages"
        )
    assert row is not None
    report.add(
        f"index_bytes_per_passage_{organisation.passages}",
        float(row["words"] + row["vectors"] + row["bits"]) / row["passages"],
        f"words {row['words'] / row['passages']:.0f}, vectors {row['vectors'] / row['passages']:.0f}, "
        f"bits {row['bits'] / row['passages']:.0f}; texts not counted",
    )
