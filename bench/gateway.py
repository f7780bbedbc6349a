"""The gateway: what it adds to a first token and a cancel, what a token costs, and how far a bare relay is.

Everything is on: authentication, limits, usage, metrics, traces. With CAIRN_BENCH_LITELLM naming a folder, LiteLLM's
proxy is installed there and measured in the same run, in turns.
"""

import asyncio
import time
from collections.abc import Sequence

import crowds
import litellm_proxy
import uvloop
from instance import Instance
from load import Client, percentile
from paced import MODELS, WHOLE_S
from places import NAMES, Place, pinned, script, second_server
from processes import cpu_seconds
from report import Report
from streams import Seen, open_stream, request_of, run_streams

_ROUNDS = 300
_WARM_UP = 30
_SETTLE_S = 0.3
_LITELLM_EVERY = 4
_TOKENS = 150
_STREAMS = 500
_WHOLES = 3_000
_AT_ONCE = 40
_CANCELS = 200


def measure(report: Report, instance: Instance) -> None:
    """Measure the gateway beside its provider, a bare relay and, if asked, LiteLLM."""
    report.title("Gateway")
    uvloop.run(_measure(report, instance))


async def _measure(report: Report, instance: Instance) -> None:
    async with script("paced.py", "provider") as provider, script("paced.py", "relay", str(provider.port)) as relay:
        _connect(instance, provider.port)
        server = Place(instance.port, instance.pids["server"], "bench/")
        places = {"gateway": server, "relay": relay}
        async with litellm_proxy.run_if_asked(provider.port, NAMES) as other:
            if other is not None:
                places["litellm"] = Place(other.port, other.pid)
            beside = [pid for name, pid in instance.pids.items() if name != "server"]
            await _measure_first_tokens(report, provider, places, beside)
            await _measure_tokens(report, places)
            await _measure_wholes(report, places)
            await crowds.measure_most(report, provider, places)
        await _measure_cancels(report, provider, server)
        async with second_server(instance, server) as second:
            await crowds.measure_burst(report, provider, [server, second])
            await crowds.measure_arrivals(report, provider, [server, second])


def _connect(instance: Instance, port: int) -> None:
    names = [argument for model in (*NAMES, "mfast", "left") for argument in ("--model", model)]
    where = ("--name", "bench", "--url", f"http://127.0.0.1:{port}/v1")
    instance.cairn("gateway", "add", "compatible", *where, *names, stdin="sk-bench")


async def _measure_first_tokens(
    report: Report, provider: Place, places: dict[str, Place], beside: Sequence[int]
) -> None:
    """One stream at a time, in turns, all servers held to one core; the provider's own time in a round is taken off.

    `beside` are Cairn's other processes, which stand on the other core: LiteLLM's proxy has none here.
    """
    added: dict[str, list[float]] = {name: [] for name in places}
    others = [("straight", (provider.port, "mfast"))]
    others += [(name, (one.port, f"{one.prefix}mfast")) for name, one in places.items() if name != "litellm"]
    with pinned(places.values(), provider, beside):
        for number in range(_WARM_UP + _ROUNDS):
            # In another order each time: what one leaves behind, in the cache and to be done, the next one meets.
            turn = number % len(others)
            taken = {name: await _first(*asked) for name, asked in (*others[turn:], *others[:turn])}
            # Not as often as the others come round, so that each of them is the next.
            if "litellm" in places and number % _LITELLM_EVERY == 0:
                taken["litellm"] = await _first(places["litellm"].port, "mfast")
                # What it may still have to do after its reply runs on the core that is measured next.
                await asyncio.sleep(_SETTLE_S)
            if number >= _WARM_UP:
                for name in taken.keys() & added.keys():
                    added[name].append(taken[name] - taken["straight"])
    where = "servers held to a core, all else to the other"
    how = f"{_ROUNDS} streams, one at a time, {where}; the provider's own time is taken off"
    report.add("gateway_first_token_added_p50_ms", percentile(added["gateway"], 0.5), how, below=1)
    report.add("gateway_first_token_added_p99_ms", percentile(added["gateway"], 0.99), how, below=3)
    report.add("relay_first_token_added_p50_ms", percentile(added["relay"], 0.5), "the same through a bare relay")
    # What a relay of bytes meets too in these turns is nobody's work: other processes of the same core.
    report.add("relay_first_token_added_p99_ms", percentile(added["relay"], 0.99), "the same through a bare relay")
    if theirs := added.get("litellm"):
        report.add("litellm_first_token_added_p50_ms", percentile(theirs, 0.5), "the same through LiteLLM's proxy")
        share = percentile(added["gateway"], 0.5) / percentile(theirs, 0.5)
        report.add("gateway_first_token_share_of_litellm", share, "added first token, p50 by p50", below=0.1)


async def _first(port: int, model: str) -> float:
    seen = Seen()
    stream = await open_stream(port, request_of(port, model, 1), seen)
    await stream.ended
    if not seen.first:
        raise RuntimeError(f"No token came from {model}: {seen.errors}")
    return seen.first[0]


async def _measure_tokens(report: Report, places: dict[str, Place]) -> None:
    """Measure what a token costs in CPU time, at 500 streams (LiteLLM: 20), and how old it is when it arrives."""
    server = places["gateway"]
    rates: dict[str, float] = {}
    cases = [
        ("relay", "relay", _STREAMS, "/v1/chat/completions"),
        ("gateway", "gateway_relayed", _STREAMS, "/v1/chat/completions"),
        ("gateway", "gateway_translated", _STREAMS, "/v1/messages"),
        ("litellm", "litellm", 20, "/v1/chat/completions"),
    ]
    for place_name, name, streams, path in cases:
        if (place := places.get(place_name)) is None:
            continue
        before = cpu_seconds(place.pid)
        seen = await run_streams([place.port], place.models, streams, _TOKENS, path=path)
        used_us = (cpu_seconds(place.pid) - before) / max(1, seen.tokens) * 1e6
        _check_whole(seen, streams)
        rates[name] = used_us
        below = 70 if place is server else None
        report.add(f"{name}_cpu_per_token_us", used_us, f"{streams} streams: {seen.describe()}", below=below)
    report.add("gateway_over_relay_us", rates["gateway_relayed"] - rates["relay"], "CPU a token over a bare relay's")
    if "litellm" in rates:
        times = rates["litellm"] / rates["gateway_relayed"]
        how = f"of a core-second, whole calls of {_TOKENS} tokens at pace, ours by theirs, which carries some 1,200"
        report.add("gateway_tokens_a_core_by_litellm", times, how, at_least=30)


def _check_whole(seen: Seen, streams: int) -> None:
    if seen.whole != streams or seen.tokens != streams * _TOKENS:
        raise RuntimeError(
            f"{seen.whole} of {streams} streams were whole, {seen.tokens} of {streams * _TOKENS} tokens came. "
            f"{seen.errors[:1]}"
        )


async def _measure_wholes(report: Report, places: dict[str, Place]) -> None:
    """Ask for replies in one piece, over connections that stay."""
    place = places["gateway"]
    numbers = iter(range(_WHOLES))
    before = cpu_seconds(place.pid)
    begun = time.perf_counter()

    async def run(model: str) -> None:
        client = await Client.connect(place.port)
        body = request_of(place.port, model, 20, stream=False).partition(b"\r\n\r\n")[2]
        for _ in numbers:
            await client.request("POST", "/v1/chat/completions", body)
        client.close()

    await asyncio.gather(*(run(place.models[number % MODELS]) for number in range(_AT_ONCE)))
    rate = _WHOLES / (time.perf_counter() - begun)
    used_us = (cpu_seconds(place.pid) - before) / _WHOLES * 1e6
    how = (
        f"{_WHOLES} replies, {_AT_ONCE} at once over a provider that takes {WHOLE_S * 1000:.0f} ms; {rate:.0f} a second"
    )
    report.add("gateway_cpu_per_whole_reply_us", used_us, how, below=1_000)
    report.add("gateway_whole_replies_a_core", 1e6 / used_us, "a second of one core's CPU time", at_least=1_000)


async def _measure_cancels(report: Report, provider: Place, server: Place) -> None:
    """From a client's leaving until the provider sees its connection close."""
    took: list[float] = []
    client = await Client.connect(provider.port)
    # Whoever left before is none of these.
    before = len(await _lost(client))
    for number in range(before, before + _CANCELS):
        stream = await open_stream(server.port, request_of(server.port, server.models[0], 2_000), Seen(), leave_after=1)
        await stream.ended
        lost = await _lost(client)
        while len(lost) <= number:
            # The provider is asked again, which is a wait of its own.
            lost = await _lost(client)
        took.append((lost[number] - stream.left_ns) / 1e6)
    client.close()
    how = f"{_CANCELS} clients that leave in a stream, until the provider's connection is closed"
    report.add("gateway_cancel_p95_ms", percentile(took, 0.95), how, below=10)
    report.add("gateway_cancel_most_ms", max(took), how, below=100)


async def _lost(client: Client) -> Sequence[int]:
    known = await client.call("_served", {})
    return known["lost_ns"]


if __name__ == "__main__":
    printed = Report()
    with Instance() as running:
        running.up()
        measure(printed, running)
