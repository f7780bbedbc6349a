"""A soak of the gateway: streams with random faults for as long as asked, then the ledger against what was served.

`bench/soak.py --minutes 20 --streams 300`. It fails when a client saw a cut stream as whole, when the ledger differs
from what the provider served, or when memory, sockets or running calls do not come back. `--faults 10000` makes that
many faulty calls instead.
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil
import uvloop
from instance import Instance
from load import Client
from paced import FAULTY
from places import Place, script
from processes import memory_mb
from streams import request_of

_SPREAD = 12
_FAULTS = ("broken", "hangs", "empty", "nonsense", "html", "broken-json")
_KINDS = {"steady": 60, "leaves": 12, "cut": 8, "safe": 10, "whole": 4, "fault": 6}
_LOOK_S = 5.0
_SETTLE_S = 20.0
# What a stream may have sent that its client's gateway had not read when it closed.
_IN_FLIGHT_TOKENS = 8
_LONG_TOKENS = 3_000
_GROWTH_MB = 25.0
_PAUSE_S = 0.05


@dataclass
class Tally:
    """What clients saw."""

    ended: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    memory: list[float] = field(default_factory=list[float])
    sockets: list[int] = field(default_factory=list[int])


@dataclass(frozen=True)
class Plan:
    """How long, how many at once, and how many faulty calls in place of a mixture."""

    seconds: float
    streams: int
    faults: int


def main() -> int:
    """Run it; return 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--faults", type=int, default=0)
    arguments = parser.parse_args()
    plan = Plan(arguments.minutes * 60, arguments.streams, arguments.faults)
    return uvloop.run(_soak(plan))


async def _soak(plan: Plan) -> int:
    async with script("paced.py", "provider") as provider:
        with Instance() as instance:
            _write_providers(instance, provider.port)
            await asyncio.to_thread(instance.up)
            server = Place(instance.port, instance.pids["server"])
            tally = Tally()
            before = _sockets(server.pid)
            looking = asyncio.create_task(_look(server, tally))
            await _run(server, plan, tally)
            looking.cancel()
            return await _judge(plan, provider, server, tally, before)


def _write_providers(instance: Instance, port: int) -> None:
    home = instance.home / "home"
    home.mkdir(mode=0o711)
    names = [f'"{kind}{number}"' for kind in ("steady", "cut", *_FAULTS) for number in range(_SPREAD)]
    text = f'[[provider]]\nname = "bench"\nkind = "openai_compatible"\nbase_url = "http://127.0.0.1:{port}/v1"\n'
    text += f'key = "sk-bench"\nmodels = [{", ".join(names)}]\n'
    for number in range(_SPREAD):
        text += f'[[alias]]\nname = "safe{number}"\ntargets = ["bench/cut{number}", "bench/steady{number}"]\n'
    path = home / "providers.toml"
    path.write_text(text)
    path.chmod(0o600)


async def _run(server: Place, plan: Plan, tally: Tally) -> None:
    until = time.monotonic() + plan.seconds
    numbers = iter(range(round(plan.faults / FAULTY))) if plan.faults else None
    weights = list(_KINDS.values())

    async def work() -> None:
        while next(numbers, None) is not None if numbers else time.monotonic() < until:
            kind = random.choice(_FAULTS + ("cut",)) if numbers else random.choices(list(_KINDS), weights)[0]  # noqa: S311, RUF005 - a draw.
            await _ask(server.port, kind, tally)

    await asyncio.gather(*(work() for _ in range(plan.streams)))


async def _ask(port: int, kind: str, tally: Tally) -> None:
    fault = random.choice(_FAULTS) if kind == "fault" else kind  # noqa: S311 - a draw.
    name = {"leaves": "steady", "whole": "steady"}.get(fault, fault)
    number = random.randrange(_SPREAD)  # noqa: S311 - a draw.
    model = f"{name}{number}" if name == "safe" else f"bench/{name}{number}"
    # Whoever leaves has asked for so much that the provider cannot have come to its end before.
    tokens = _LONG_TOKENS if kind == "leaves" else random.randint(20, 90)  # noqa: S311 - a draw.
    streamed = kind != "whole" and fault != "broken-json"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        request_of(port, model, tokens, stream=streamed).replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
    )
    got = b""
    while piece := await reader.read(65_536):
        got += piece
        if kind == "leaves" and got.count(b"abc ") >= 5:
            writer.transport.abort()
            tally.ended["left"] += 1
            return
    writer.close()
    refused = got.startswith((b"HTTP/1.1 5", b"HTTP/1.1 4"))
    whole = b"[DONE]" in got if streamed else got.startswith(b"HTTP/1.1 200")
    words = got.count(b"abc ")
    if refused and b'"error"' in got:
        tally.ended["refused"] += 1
        # Somebody who is refused waits before they ask again.
        await asyncio.sleep(_PAUSE_S)
    elif whole and kind != "safe" and (words == tokens or not streamed):
        tally.ended["whole"] += 1
    elif whole and kind == "safe":
        tally.ended["continued" if b"continued_by" in got else "whole"] += 1
    elif not whole and b'"error"' in got and b'finish_reason":"stop' not in got:
        tally.ended["failed in the stream"] += 1
    else:
        tally.wrong.append(f"{model}: {words} of {tokens} words, {got[-200:]!r}")


def _sockets(pid: int) -> int:
    return len(psutil.Process(pid).net_connections("tcp"))


async def _look(server: Place, tally: Tally) -> None:
    begun = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_S)
        tally.memory.append(memory_mb(server.pid))
        tally.sockets.append(_sockets(server.pid))
        calls = sum(tally.ended.values())
        print(
            f"  {time.monotonic() - begun:6.0f} s  {calls:8d} calls  {tally.memory[-1]:6.1f} MB  "
            f"{tally.sockets[-1]:5d} sockets  {len(tally.wrong)} wrong",
            flush=True,
        )


async def _judge(plan: Plan, provider: Place, server: Place, tally: Tally, before: int) -> int:
    """Compare the ledger with what was served, and look whether everything came back."""
    client = await Client.connect(provider.port)
    served = await client.call("_served", {})
    client.close()
    sums, running, sockets = await _until_settled(server, before)
    output = {name: int(one.get("outputTokens", 0)) for name, one in sums.items()}
    cut = output.get("failed", 0) + output.get("failed_over", 0)
    aborted = output.get("aborted", 0)
    aborts = int(sums.get("aborted", {}).get("calls", 0))
    faults: list[str] = list(tally.wrong[:5])
    if output.get("completed", 0) != served["whole"]:
        faults.append(
            f"The ledger has {output.get('completed', 0)} tokens of whole replies; {served['whole']} were served."
        )
    if cut != served["cut"]:
        faults.append(f"The ledger has {cut} tokens of cut replies; {served['cut']} were served.")
    if not served["left"] - aborts * _IN_FLIGHT_TOKENS <= aborted <= served["left"]:
        faults.append(
            f"The ledger has {aborted} tokens of {aborts} replies that clients left; {served['left']} were served."
        )
    if running:
        faults.append(f"{running} calls still run.")
    quarter = tally.memory[len(tally.memory) // 4 :]
    growth = (quarter[-1] - quarter[0]) if quarter else 0.0
    if growth > _GROWTH_MB:
        faults.append(f"Memory grew by {growth:.1f} MB after the first quarter.")
    rows = sum(int(one.get("calls", 0)) for one in sums.values())
    length = f"{plan.faults} faulty calls" if plan.faults else f"{plan.seconds / 60:g} minutes"
    print(f"\nMode: {length}, {plan.streams} at once")
    print(f"Clients: {dict(tally.ended)}; {len(tally.wrong)} wrong")
    print(
        f"Provider: {served['calls']} calls, {served['faults']} with faults; tokens {served['whole']} in whole "
        f"replies, {served['cut']} before cuts, {served['left']} before clients left"
    )
    print(f"Ledger: {rows} rows; tokens {output.get('completed', 0)}, {cut}, {aborted}")
    print(
        f"Memory: {tally.memory[:1]} to {tally.memory[-1:]} MB, {growth:+.1f} MB after the first quarter; "
        f"sockets {before} before, {max(tally.sockets, default=0)} at most, {sockets} after; {running} calls still run"
    )
    for fault in faults:
        print(f"WRONG: {fault}")
    print("The soak passed." if not faults else "The soak failed.")
    return 1 if faults else 0


async def _until_settled(server: Place, before: int) -> tuple[dict[str, dict[str, str]], int, int]:
    """Return the ledger by outcome, the calls that run and the sockets, once all is back or the time for it is over."""
    deadline = time.monotonic() + _SETTLE_S
    while True:
        await asyncio.sleep(1)
        client = await Client.connect(server.port)
        usage = await client.call("cairn.gateway.v1.SpendingService/GetUsage", {"by": "outcome", "days": 2})
        metrics = (await client.request("GET", "/metrics")).decode()
        client.close()
        line = next(line for line in metrics.splitlines() if line.startswith("ai_active_calls "))
        running, sockets = int(float(line.split()[1])), _sockets(server.pid)
        if (not running and sockets <= before + 60) or time.monotonic() > deadline:
            # One more flush of the ledger.
            return {one["name"]: one for one in usage.get("sums", [])}, running, sockets


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main())
