"""A thousand streams over two server processes, at once and as they come, and the most that one core carries."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from load import percentile
from paced import FIRST_S, GAP_S
from places import Place, pinned
from processes import cpu_seconds
from report import Report
from streams import Seen, Stream, open_stream, request_of, run_streams

_CROWD = 1_000
_BURST_TOKENS = 300
# Streams that come as others end: so many tokens each, so many seconds of them, after as many as one of them lives.
_COMING_TOKENS = 150
_COMING_S = 12.0
# Streams at once, each time more, until not all tokens come.
_STEPS = {"gateway": (1_000, 1_200, 1_400, 1_600, 1_800, 2_200), "litellm": (10, 20, 40, 60, 80, 120)}
_GAP_P95_MS = 60.0
# As much as a first token may be late: 350 ms of which 200 are the provider's.
_AGE_P99_MS = 150.0
_RAMP_S = 4.0
_WINDOW_S = 6.0
_MOST_TOKENS = 1_000
_CARRIED = 0.97


async def measure_burst(report: Report, provider: Place, servers: Sequence[Place]) -> None:
    """Begin a thousand streams within a second."""
    used = _Used(provider, servers)
    seen = await run_streams([one.port for one in servers], servers[0].models, _CROWD, _BURST_TOKENS)
    lost = _CROWD * _BURST_TOKENS - seen.tokens
    how = (
        f"{_CROWD} streams that begin within a second, over two server processes; {used.describe()}; {seen.describe()}"
    )
    report.add("gateway_crowd_gap_p95_ms", percentile(seen.gaps, 0.95), how, below=60)
    report.add("gateway_crowd_first_token_p95_ms", percentile(seen.first, 0.95), "200 ms are the provider's", below=350)
    report.add("gateway_crowd_age_p99_ms", percentile(seen.ages, 0.99), "from the provider's sending to our reading")
    report.add("gateway_crowd_tokens_lost", lost, f"of {_CROWD * _BURST_TOKENS}", below=1)


async def measure_arrivals(report: Report, provider: Place, servers: Sequence[Place]) -> None:
    """Keep a thousand streams running: as one ends, another begins. Only those count that begin once all are there."""
    life_s = FIRST_S + _COMING_TOKENS * GAP_S
    every_s = life_s / _CROWD
    warming, seen = Seen(), Seen()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    running = 0
    most: list[int] = []

    async def one(number: int) -> None:
        nonlocal running
        place = servers[number % len(servers)]
        model = place.models[number % len(place.models)]
        into = seen if number * every_s > life_s else warming
        running += 1
        stream = await open_stream(place.port, request_of(place.port, model, _COMING_TOKENS), into)
        await stream.ended
        running -= 1

    tasks: list[asyncio.Task[None]] = []
    used: _Used | None = None
    for number in range(round((life_s + _COMING_S) / every_s)):
        await asyncio.sleep(max(0.0, begun + number * every_s - loop.time()))
        if number * every_s > life_s:
            used = used or _Used(provider, servers)
            most.append(running)
        tasks.append(asyncio.create_task(one(number)))
    assert used is not None
    cores = used.describe()
    await asyncio.gather(*tasks)
    seen.seconds = loop.time() - begun - life_s
    how = (
        f"{sum(most) / len(most):.0f} streams at once, another every {every_s * 1e3:.1f} ms; {cores}; {seen.describe()}"
    )
    lost = len(tasks) * _COMING_TOKENS - seen.tokens - warming.tokens
    report.add("gateway_coming_first_token_p95_ms", percentile(seen.first, 0.95), how, below=350)
    report.add("gateway_coming_gap_p95_ms", percentile(seen.gaps, 0.95), "the same", below=60)
    report.add("gateway_coming_age_p99_ms", percentile(seen.ages, 0.99), "the same")
    report.add("gateway_coming_tokens_lost", lost, f"of {len(tasks) * _COMING_TOKENS}", below=1)


async def measure_most(report: Report, provider: Place, places: dict[str, Place]) -> None:
    """Find the most tokens a second that one core carries, of ours and of LiteLLM's proxy, in turns.

    Two figures of each, by one rule: how many a core-second of the server carries at best while every token comes in
    time (the gap's p95 is under 60 ms, the age's p99 under 150), and the most that comes through, in time or late. The
    second has no target: provider and clients on the other core carry no more than some 50,000.
    """
    measured = {name: place for name, place in places.items() if name in _STEPS}
    carried: dict[str, list[_Carried]] = {name: [] for name in measured}
    with pinned(measured.values(), provider):
        for step in range(max(len(steps) for steps in _STEPS.values())):
            for name, place in measured.items():
                known = carried[name]
                if step < len(_STEPS[name]) and (not known or known[-1].all_came):
                    known.append(await _carry(place, provider, _STEPS[name][step]))
    most = {name: max(known, key=lambda one: one.rate) for name, known in carried.items()}
    in_time = {name: [one for one in known if one.in_time] for name, known in carried.items()}
    for name, one in most.items():
        report.add(f"{name}_tokens_a_core_most", one.rate, one.conditions)
    best = {name: max(known, key=lambda one: one.a_core) for name, known in in_time.items() if known}
    for name, one in best.items():
        report.add(f"{name}_tokens_a_core_in_time", one.a_core, f"by CPU time; {one.conditions}")
    if "litellm" in most:
        times = most["gateway"].rate / most["litellm"].rate
        report.add("gateway_tokens_a_core_most_by_litellm", times, "the most that comes through, ours by theirs")
    if "litellm" in best and "gateway" in best:
        times = best["gateway"].a_core / best["litellm"].a_core
        how = "of a core-second at best, all tokens in time and no call begun or ended meanwhile, ours by theirs"
        report.add("gateway_tokens_a_core_steady_by_litellm", times, how, at_least=30)


@dataclass(frozen=True)
class _Carried:
    """Tokens a second that came, as many as a whole core would carry, and whether all offered came, and in time."""

    rate: float
    a_core: float
    all_came: bool
    in_time: bool
    conditions: str


async def _carry(place: Place, provider: Place, streams: int) -> _Carried:
    """Run so many streams, and count what comes within a window once all of them run."""
    seen = Seen()
    opened = await asyncio.gather(*(_begin(place, number, streams, seen) for number in range(streams)))
    await asyncio.sleep(1)
    used = _Used(provider, [place])
    seen.ages.clear()
    seen.gaps.clear()
    before, began = seen.tokens, time.perf_counter()
    await asyncio.sleep(_WINDOW_S)
    rate = (seen.tokens - before) / (time.perf_counter() - began)
    cores, _ = used.cores()
    gap_ms, age_ms = percentile(seen.gaps, 0.95), percentile(seen.ages, 0.99)
    all_came = rate >= _CARRIED * streams / GAP_S
    conditions = (
        f"a second; {streams} streams of 28.8 tokens/s, held to one core, everything else on the "
        f"other: {rate:,.0f} tokens/s came through; {used.describe()}; "
        f"gap p95 {gap_ms:.0f}, age p50 {percentile(seen.ages, 0.5):.0f}, p99 {age_ms:.0f} ms"
    )
    for stream in opened:
        stream.leave()
    await asyncio.gather(*(stream.ended for stream in opened))
    # Until the other side has seen that everybody left.
    await asyncio.sleep(1)
    in_time = all_came and gap_ms < _GAP_P95_MS and age_ms < _AGE_P99_MS
    return _Carried(rate, rate / cores, all_came, in_time, conditions)


async def _begin(place: Place, number: int, streams: int, seen: Seen) -> Stream:
    await asyncio.sleep(_RAMP_S * number / streams)
    model = place.models[number % len(place.models)]
    return await open_stream(place.port, request_of(place.port, model, _MOST_TOKENS), seen)


class _Used:
    """How many cores are used from now on, by servers and by what makes the load."""

    def __init__(self, provider: Place, servers: Sequence[Place]) -> None:
        self._provider = provider
        self._servers = servers
        self._before = self._look()
        self._began = time.perf_counter()

    def _look(self) -> tuple[float, float]:
        servers = sum(cpu_seconds(one.pid) for one in self._servers)
        return servers, cpu_seconds(self._provider.pid) + time.process_time()

    def cores(self) -> tuple[float, float]:
        """Return it for the servers, and for the load."""
        seconds = time.perf_counter() - self._began
        servers, load = self._look()
        return (servers - self._before[0]) / seconds, (load - self._before[1]) / seconds

    def describe(self) -> str:
        """Return it in words."""
        servers, load = self.cores()
        return f"servers {servers:.2f} cores, provider and clients {load:.2f}"
