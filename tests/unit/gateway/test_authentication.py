"""Who asks is known for two seconds, and found out again behind the back of a call."""

import asyncio
from uuid import uuid4

import pytest

from cairn.gateway.endpoints import app
from cairn.gateway.endpoints.app import Authentication
from cairn.kernel.errors import CairnError, PermissionDenied, Unauthenticated
from cairn.kernel.identity import Caller, Role

_HEADERS = {b"authorization": b"Bearer cairn_some"}


class _Doorkeeper:
    """Answers when it may, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.called = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.answer: Caller | CairnError = Caller(uuid4(), uuid4(), "Ada", Role.AUTHOR)

    async def __call__(self, _headers: object) -> Caller:
        self.asked += 1
        self.called.set()
        await self.may_answer.wait()
        if isinstance(self.answer, CairnError):
            raise self.answer
        return self.answer


class _Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    made = _Clock()
    monkeypatch.setattr(app, "time", made)
    return made


async def test_a_call_waits_for_the_first_answer_only_and_many_wait_for_one(clock: _Clock) -> None:
    doorkeeper = _Doorkeeper()
    authenticate = Authentication(doorkeeper, local=False)
    waiting = [asyncio.create_task(authenticate(_HEADERS)) for _ in range(3)]
    await asyncio.sleep(0)
    doorkeeper.may_answer.set()
    callers = await asyncio.gather(*waiting)
    assert callers == [doorkeeper.answer] * 3
    assert doorkeeper.asked == 1
    clock.now += 0.9
    assert await authenticate(_HEADERS) == doorkeeper.answer
    assert doorkeeper.asked == 1


async def test_from_half_its_time_on_an_answer_is_renewed_without_a_call_that_waits(clock: _Clock) -> None:
    doorkeeper = _Doorkeeper()
    doorkeeper.may_answer.set()
    authenticate = Authentication(doorkeeper, local=False)
    first = await authenticate(_HEADERS)
    doorkeeper.may_answer.clear()
    doorkeeper.answer = Caller(uuid4(), uuid4(), "Ada", Role.AUTHOR)
    clock.now += 1.5
    assert await authenticate(_HEADERS) == first
    assert await authenticate(_HEADERS) == first
    await asyncio.sleep(0)
    assert doorkeeper.asked == 2
    doorkeeper.may_answer.set()
    # Too old to be believed: this one waits for the question that runs.
    clock.now += 1.0
    assert await authenticate(_HEADERS) == doorkeeper.answer
    assert doorkeeper.asked == 2


@pytest.mark.parametrize("refusal", [Unauthenticated("Gone."), PermissionDenied("No more.")])
async def test_who_is_refused_behind_the_back_of_a_call_is_refused_at_the_next(
    clock: _Clock, refusal: CairnError
) -> None:
    doorkeeper = _Doorkeeper()
    doorkeeper.may_answer.set()
    authenticate = Authentication(doorkeeper, local=False)
    first = await authenticate(_HEADERS)
    doorkeeper.answer = refusal
    doorkeeper.called.clear()
    clock.now += 1.5
    assert await authenticate(_HEADERS) == first
    await doorkeeper.called.wait()
    # Its task ends, and is told to have ended.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(type(refusal)):
        await authenticate(_HEADERS)
    assert doorkeeper.asked == 3
