"""Listing, reading and writing at 16 clients, against the floor of the same server and the same database."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from importing import until_indexed
from instance import Instance, clean_environment, free_port
from load import Client, Load, drive
from processes import CpuMeter
from report import Report

from cairn.platform.postgres.embedded import EmbeddedPostgres

_SERVICE = "cairn.decisions.v1.DecisionsService"
_CLIENTS = 16
_REQUESTS = 3000
# Each new version is embedded afterwards, which takes the worker far longer.
_WRITES = 1000
# Each connection to the database plans each statement anew for its first five times.
_WARM_UP = 500
_RECORDS = 640
_TEXT = "## Context\n\n" + "We must decide how services talk to each other. " * 60 + "\n\n## Decision\n\nOver a log.\n"


def measure(report: Report, instance: Instance) -> None:
    """Drive list, read and new version one after the other, each client waiting for its answer."""
    report.title(f"Requests at {_CLIENTS} clients")
    # The load generator shares the machine; with this loop it takes half as much of it.
    uvloop.run(_measure(report, instance))


async def _measure(report: Report, instance: Instance) -> None:
    client = await Client.connect(instance.port)
    records = await _seed(client)
    # Reading is measured at rest; whoever writes, though, gives the worker work.
    await until_indexed(instance.port, time.perf_counter())
    # Indexing may take longer than the server keeps a connection that nobody uses.
    client.close()
    client = await Client.connect(instance.port)
    bare = await _bare()
    report.add("bare_asgi_p95_ms", bare.p95, f"floor: this server answering 2 bytes, {bare.per_second:.0f} a second")
    ids = list(records)
    contents = {id_: await _content(client, id_) for id_ in ids}
    mean = sum(len(content["body"]) for content in contents.values()) / len(contents)
    edit = f"another title and a line more, each on another record, {mean / 1000:.1f} KB on average, JSON"

    async def list_page(client: Client, _: int) -> None:
        await client.request("POST", f"/{_SERVICE}/ListDecisions", b'{"pageSize":50}')

    async def read(client: Client, number: int) -> None:
        body = json.dumps({"ref": ids[number % len(ids)]}).encode()
        await client.request("POST", f"/{_SERVICE}/GetDecision", body)

    # Made beforehand: the load generator should take as little of the machine as it can.
    edits = [_edit(records[ids[number % len(ids)]], contents, number) for number in range(-_WARM_UP, _WRITES)]

    async def write(client: Client, number: int) -> None:
        await client.request("POST", f"/{_SERVICE}/UpdateDecision", edits[number + _WARM_UP])

    for name, work, requests, below, what in (
        ("list", list_page, _REQUESTS, 20, f"a page of 50 of {len(ids)} records with counts, JSON"),
        ("read", read, _REQUESTS, 20, "one record with links, JSON"),
        ("new_version", write, _WRITES, 30, edit),
    ):
        meter = CpuMeter({process: instance.pids[process] for process in ("server", "postgres")})
        load = await drive(instance.port, work, clients=_CLIENTS, requests=requests, warm_up=_WARM_UP)
        cpu = {process: 1000 * seconds / (requests + _WARM_UP) for process, seconds in meter.spent_seconds().items()}
        spent = ", ".join(f"{process} {value:.2f} ms" for process, value in cpu.items())
        how = f"{what}; {requests} requests back to back after {_WARM_UP}, {load.per_second:.0f} a second; CPU {spent}"
        report.add(f"{name}_p50_ms", load.p50, how)
        report.add(f"{name}_p95_ms", load.p95, how, below=below)
        report.add(f"{name}_over_bare_asgi", load.p50 / bare.p50, "median, as a multiple of the floor's")
    insert = await _bare_insert(instance)
    how = f"floor: asyncpg inserting one such text a commit, {_CLIENTS} connections, {insert.per_second:.0f} a second"
    report.add("bare_insert_p95_ms", insert.p95, how)
    client.close()


async def _seed(client: Client) -> dict[str, dict[str, Any]]:
    """Make sure that there are records; return each as the list shows it, by id."""
    found = await _list(client)
    if len(found) < _RECORDS:
        log = await client.call(f"{_SERVICE}/CreateLog", {"slug": "bench", "name": "Bench", "prefix": "ADR"})
        for number in range(_RECORDS - len(found)):
            content = {"title": f"Decision {number}", "status": "STATUS_ACCEPTED", "body": f"{_TEXT}{number}"}
            await client.call(f"{_SERVICE}/CreateDecision", {"logId": log["log"]["id"], "content": content})
        found = await _list(client)
    return found


async def _content(client: Client, id_: str) -> dict[str, Any]:
    """Return what a record says, as an edit of it would send it."""
    decision = (await client.call(f"{_SERVICE}/GetDecision", {"ref": id_}))["decision"]
    summary = decision["summary"]
    fields = {name: summary[name] for name in ("status", "decidedOn", "deciders", "tags") if name in summary}
    return {**fields, "body": decision.get("body", "")}


def _edit(known: dict[str, Any], contents: dict[str, dict[str, Any]], number: int) -> bytes:
    """Return the request for the next version of a record, and count that version."""
    content = {**contents[known["id"]], "title": f"Decision {number}"}
    content["body"] += f"\nSaid again, {number}.\n"
    message = {"id": known["id"], "expectedVersion": known["version"], "content": content}
    known["version"] += 1
    return json.dumps(message).encode()


async def _list(client: Client) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        page = await client.call(f"{_SERVICE}/ListDecisions", {"pageSize": 500, "cursor": cursor})
        found |= {decision["id"]: decision for decision in page.get("decisions", [])}
        cursor = page.get("nextCursor", "")
        if not cursor:
            return found


@contextmanager
def bare_server() -> Generator[int]:
    """Run the floor's server in a process of its own; give its port."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "bare_server.py"), str(port)]
    with subprocess.Popen(  # noqa: S603 - our own program.
        command, env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        yield port
        process.send_signal(signal.SIGTERM)


async def _bare() -> Load:
    async def hello(client: Client, _: int) -> None:
        await client.request("POST", "/hello", b"{}")

    with bare_server() as port:
        async with asyncio.timeout(30):
            while True:
                try:
                    (await Client.connect(port)).close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        return await drive(port, hello, clients=_CLIENTS, requests=_REQUESTS)


async def _bare_insert(instance: Instance) -> Load:
    url = EmbeddedPostgres.running_urls(instance.home / "home").owner
    pool = await asyncpg.create_pool(url, min_size=_CLIENTS, max_size=_CLIENTS)
    await pool.execute("create table bench_insert (id bigint generated always as identity primary key, text text)")

    async def insert(_: Client, __: int) -> None:
        await pool.execute("insert into bench_insert (text) values ($1)", _TEXT)

    load = await drive(instance.port, insert, clients=_CLIENTS, requests=_REQUESTS)
    await pool.execute("drop table bench_insert")
    await pool.close()
    return load
