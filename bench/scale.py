"""A very large log: 100,000 records to list, filter, open and examine, and a repository of 500 commits to import."""

import asyncio
import json
import random
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from instance import Instance, clean_environment
from load import Client, drive, percentile
from processes import CpuMeter
from report import Report

from cairn.kernel.events import NewEvent
from cairn.platform import outbox
from cairn.platform.postgres.embedded import EmbeddedPostgres
from cairn.tenancy.api import system_caller
from cairn.tenancy.domain import LOCAL_ORGANISATION, LOCAL_PERSON_ID

_SERVICE = "cairn.decisions.v1.DecisionsService"
_RECORDS = 100_000
_LOGS = 8
_REQUESTS = 120
_COMMITS = 500
_FILES = 60
_WORDS = """
adopt use replace retire store queue event cache index search schema contract gateway billing invoice ledger
tenant kafka postgres envoy redis python typescript protobuf rest grpc token session secret backup restore
deploy rollout region quota budget latency batch stream retry saga outbox worker relay migration partition
shard replica metric trace alert dashboard policy review approval export import archive mobile browser desktop
checkout catalogue
""".split()  # noqa: SIM905 - a list of them is three times as long.
_BODY = "## Context\n\n" + "The teams agreed after a long comparison. " * 20 + "\n\n## Decision\n\nWe do it.\n"


def measure(report: Report, instance: Instance) -> None:
    """Fill the database directly, as years of work would, then ask the server."""
    report.title(f"{_RECORDS:,} records in {_LOGS} logs")
    asyncio.run(_measure(report, instance))
    report.title("History")
    _measure_history(report, instance)


async def _measure(report: Report, instance: Instance) -> None:
    client = await Client.connect(instance.port)
    await client.call(f"{_SERVICE}/ListLogs", {})
    small = await _ask(instance, lambda _: ("ListDecisions", {"pageSize": 50}))
    seconds = await _fill(EmbeddedPostgres.running_urls(instance.home / "home").owner)
    report.add("scale_fill_s", seconds, "records with versions, tags and links, copied into the tables and analysed")
    # The server has closed a connection that was idle for so long.
    client.close()
    client = await Client.connect(instance.port)
    logs = (await client.call(f"{_SERVICE}/ListLogs", {}))["logs"]
    large = [log for log in logs if log["slug"].startswith("scale-")]
    slugs = [log["slug"] for log in large]
    pages = await _cursors(client)
    ids = [one["id"] for one in (await client.call(f"{_SERVICE}/ListDecisions", {"pageSize": 500}))["decisions"]]
    counted = await client.call("cairn.decisions.v1.CurationService/CountFacets", {})
    owners = [owner["id"] for owner in counted["owners"]]
    asks: dict[str, tuple[str, Callable[[int], tuple[str, dict[str, Any]]]]] = {
        "list": ("the first page of everything, with counts", lambda _: ("ListDecisions", {"pageSize": 50})),
        "one_log": (
            "the first page of one log, with counts",
            lambda n: ("ListDecisions", {"pageSize": 50, "logIds": [large[n % len(large)]["id"]]}),
        ),
        "latest": (
            "the latest changes, with counts",
            lambda _: ("ListDecisions", {"pageSize": 50, "order": "ORDER_UPDATED_DESC"}),
        ),
        "deep": (
            "a page in the middle",
            lambda n: ("ListDecisions", {"pageSize": 50, "cursor": pages[n % len(pages)]}),
        ),
        "status": (
            "records of one status, with counts",
            lambda _: ("ListDecisions", {"pageSize": 50, "statuses": ["STATUS_DEPRECATED"]}),
        ),
        "tag": (
            "records of one tag of 200, with counts",
            lambda n: ("ListDecisions", {"pageSize": 50, "tags": [f"tag-{n % 200}"]}),
        ),
        "owner": (
            "records of one owner of 20, with counts",
            lambda n: ("ListDecisions", {"pageSize": 50, "ownerIds": [owners[n % len(owners)]]}),
        ),
        "governing": (
            "the third that governs paths, with counts",
            lambda _: ("ListDecisions", {"pageSize": 50, "governs": True}),
        ),
        "facets": (
            "who looks after how many, beside the list",
            lambda _: ("cairn.decisions.v1.CurationService/CountFacets", {}),
        ),
        "words": (
            "records with a word in the title, with counts",
            lambda n: ("ListDecisions", {"pageSize": 50, "text": _WORDS[n % len(_WORDS)]}),
        ),
        "open": ("one record with its links", lambda n: ("GetDecision", {"ref": ids[n % len(ids)]})),
        "open_by_name": (
            "one record by its number",
            lambda n: ("GetDecision", {"ref": f"ADR-{1 + n * 37 % 12_500:04d}", "logSlug": slugs[n % len(slugs)]}),
        ),
    }
    for name, (what, ask) in asks.items():
        meter = CpuMeter({process: instance.pids[process] for process in ("server", "postgres")})
        load = await _ask(instance, ask)
        spent = ", ".join(f"{process} {1000 * s / _REQUESTS:.1f} ms" for process, s in meter.spent_seconds().items())
        how = f"{what}; {_REQUESTS} requests, one after the other; CPU {spent}"
        report.add(f"scale_{name}_p95_ms", percentile(load, 0.95), how, below=50)
        ratio = percentile(load, 0.5) / percentile(small, 0.5)
        report.add(f"scale_{name}_over_small", ratio, "median, as a multiple of the first page without these records")
    client.close()
    await _measure_doctor(report, instance)


async def _measure_doctor(report: Report, instance: Instance) -> None:
    client = await Client.connect(instance.port)
    meter = CpuMeter({process: instance.pids[process] for process in ("server", "postgres")})
    started = time.perf_counter()
    found = await client.call("cairn.decisions.v1.GovernanceService/RunDoctor", {})
    seconds = time.perf_counter() - started
    client.close()
    spent = ", ".join(f"{process} {s:.1f} s" for process, s in meter.spent_seconds().items())
    how = f"every log examined, as `cairn doctor` does, {len(found['findings'])} findings; CPU {spent}"
    report.add("scale_doctor_s", seconds, how, below=10)


async def _ask(instance: Instance, ask: Callable[[int], tuple[str, dict[str, Any]]]) -> list[float]:
    async def work(client: Client, number: int) -> None:
        method, message = ask(number + 1000)
        path = method if "/" in method else f"{_SERVICE}/{method}"
        await client.request("POST", f"/{path}", json.dumps(message).encode())

    call: Callable[[Client, int], Awaitable[object]] = work
    load = await drive(instance.port, call, clients=1, requests=_REQUESTS, warm_up=20)
    return list(load.times_ms)


async def _cursors(client: Client) -> list[str]:
    """Return where some pages far inside the whole list begin."""
    cursors: list[str] = []
    cursor = ""
    for page in range(150):
        answer = await client.call(f"{_SERVICE}/ListDecisions", {"pageSize": 500, "cursor": cursor})
        cursor = answer["nextCursor"]
        if page % 15 == 14:
            cursors.append(cursor)
    return cursors


async def _fill(url: str) -> float:
    connection = await asyncpg.connect(url)
    caller = system_caller(LOCAL_ORGANISATION.id)
    await connection.execute("select set_config('app.tenant', $1, false)", str(caller.tenant_id))
    await connection.execute("select set_config('app.role', 'system', false)")
    started = time.perf_counter()
    logs = [uuid4() for _ in range(_LOGS)]
    tenant_id = caller.tenant_id
    await _copy(
        connection,
        "log",
        "tenant_id, id, slug, name, prefix, next_number",
        [(tenant_id, id_, f"scale-{at}", f"Scale {at}", "ADR", 1_000_000) for at, id_ in enumerate(logs)],
    )
    rows = list(_records(tenant_id, logs))
    shared = "title, status, decided_on, deciders, tags, created_at"
    await _copy(
        connection,
        "decision",
        f"tenant_id, id, log_id, number, slug, author_id, version, {shared}, updated_at, applies_to",
        rows,
    )
    await _copy(
        connection,
        "decision_version",
        f"tenant_id, id, decision_id, version, {shared}, body, content_hash, author_id, author_name",
        [(r[0], uuid4(), r[1], *r[6:13], _BODY, r[1].bytes * 2, r[5], "Ada") for r in rows],
    )
    await _look_after(connection, tenant_id, rows)
    columns = "tenant_id, decision_id, position, kind, target, target_id"
    await _copy(connection, "decision_link", columns, list(_links(tenant_id, rows)))
    # One event, as any change has: the worker adds the tally up.
    payload = {"decision_id": str(rows[0][1]), "version": 1}
    await outbox.append(connection, tenant_id, [NewEvent("decision.changed", str(rows[0][1]), payload)])
    async with asyncio.timeout(120):
        # Another process does it, and gives no notice of it.
        while await connection.fetchval("select exists (select from decision_tally_change)"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await connection.execute("analyze")
    await connection.close()
    return time.perf_counter() - started


async def _look_after(
    connection: "asyncpg.Connection[asyncpg.Record]", tenant_id: UUID, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Give half of the records an owner of twenty, and a review."""
    people = [(tenant_id, uuid4(), f"Person {at}", "author") for at in range(20)]
    await _copy(connection, "person", "tenant_id, id, name, role", people)
    cared = [
        (tenant_id, row[1], people[at % 20][1], people[at % 20][2], date(2026, 1, 1) + timedelta(days=at % 700))
        for at, row in enumerate(rows[::2])
    ]
    await _copy(connection, "decision_care", "tenant_id, decision_id, owner_id, owner_name, review_on", cared)


async def _copy(
    connection: "asyncpg.Connection[asyncpg.Record]", table: str, columns: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Copy rows into a table under row-level security, which COPY itself does not serve."""
    await connection.execute(f"create temp table loaded as select {columns} from {table} limit 0")  # noqa: S608 - ours.
    await connection.copy_records_to_table("loaded", records=rows, columns=columns.split(", "))
    await connection.execute(f"insert into {table} ({columns}) select {columns} from loaded")  # noqa: S608 - ours.
    await connection.execute("drop table loaded")


def _records(tenant_id: UUID, logs: list[UUID]) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(7)  # noqa: S311 - the same records in each run.
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    statuses = ["accepted"] * 12 + ["proposed"] * 3 + ["rejected", "deprecated"] + ["superseded"] * 2
    for at in range(_RECORDS):
        changed = begin + timedelta(minutes=at * 20)
        title = " ".join(chance.choices(_WORDS, k=6)).capitalize()
        tags = [f"tag-{chance.randrange(200)}" for _ in range(chance.randrange(4))]
        status = "superseded" if at % 10 == 0 else chance.choice(statuses[:17])
        log = logs[at * _LOGS // _RECORDS]
        number = at % (_RECORDS // _LOGS) + 1
        slug = title.lower().replace(" ", "-")
        decided = date(2020, 1, 1) + timedelta(days=at % 2000)
        yield (
            tenant_id, uuid4(), log, number, slug, LOCAL_PERSON_ID, 1, title, status, decided, ["Ada", "Grace"],
            list(dict.fromkeys(tags)), changed, changed, ["src/**"] if at % 3 == 0 else [],
        )  # fmt: skip


def _links(tenant_id: UUID, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Each tenth record is superseded by the next; each has a link to another of its log; one of 50 leads nowhere."""
    chance = random.Random(11)  # noqa: S311 - as above.
    each = _RECORDS // _LOGS
    for at, row in enumerate(rows):
        other = rows[at // each * each + chance.randrange(each)]
        lost = at % 50 == 0
        target = f"{other[3] + each if lost else other[3]:04d}-{other[4]}.md"
        yield tenant_id, row[1], 0, "relates_to", target, None if lost or other is row else other[1]
        if at % 10 == 1:
            old = rows[at - 1]
            yield tenant_id, row[1], 1, "supersedes", f"{old[3]:04d}-{old[4]}.md", old[1]


def _measure_history(report: Report, instance: Instance) -> None:
    git = shutil.which("git")
    if git is None:
        report.say("git is not installed: the figure of the history is left out.")
        return
    folder = instance.home / "repository"
    environment = clean_environment(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
    subprocess.run([git, "init", "-q", str(folder)], check=True, env=environment)  # noqa: S603 - our own folder.
    feed = "".join(_commits()).encode()
    subprocess.run([git, "fast-import", "--quiet"], check=True, cwd=folder, env=environment, input=feed)  # noqa: S603
    subprocess.run([git, "checkout", "-q", "main"], check=True, cwd=folder, env=environment)  # noqa: S603
    started = time.perf_counter()
    subprocess.run([git, "log", "--name-status", "-p"], check=True, cwd=folder, env=environment, capture_output=True)  # noqa: S603
    plain = time.perf_counter() - started
    started = time.perf_counter()
    instance.cairn("import", "--history", str(folder), "--json")
    seconds = time.perf_counter() - started
    how = f"`cairn import --history` of {_COMMITS} commits to {_FILES} records, until each commit is a version"
    report.add("history_s", seconds, how, below=20)
    report.add("history_over_git_log", seconds / plain, "as a multiple of `git log -p` of the same")


def _commits() -> Iterator[str]:
    for at in range(_COMMITS):
        number = at % _FILES
        path = f"docs/adr/{number + 1:04d}-use-{_WORDS[number]}.md"
        body = f"# {number + 1}. Use {_WORDS[number]}\n\n## Status\n\nAccepted\n\n{_BODY}\nEdit {at}.\n"
        if at >= _FILES and at % 7 == 0:
            body += f"\nSee [another](0001-use-{_WORDS[0]}.md).\n"
        when = 1_600_000_000 + at * 3600
        message = f"Write record {number + 1}, edit {at}"
        yield f"commit refs/heads/main\ncommitter Ada <ada@example.com> {when} +0000\n"
        yield f"data {len(message)}\n{message}\nM 100644 inline {path}\ndata {len(body.encode())}\n{body}\n"
