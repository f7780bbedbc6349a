"""Signals: short notices between processes that something changed, for whoever watches right now.

A signal may be lost when a connection is; a watcher then gets `resync`. State is in tables, never in a signal.
"""

import asyncio
import logging
import random
import re
import weakref
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg

from cairn.platform.database import Connection

_log = logging.getLogger(__name__)
_CHANNEL = "cairn_signals"
_TOPIC = re.compile(r"[a-z][a-z0-9_.]{0,62}")
_MOST_ID_CHARACTERS = 200
_MOST_WAITING = 256
_FIRST_PAUSE_SECONDS = 0.1
_MOST_PAUSE_SECONDS = 10.0
_ALIVE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Signal:
    """Something changed: the thing `id` under `topic`. With `resync`, anything may have: read the state anew."""

    topic: str
    id: str = ""
    resync: bool = False


async def notify(connection: Connection, tenant_id: UUID, topic: str, *ids: str | UUID) -> None:
    """Tell every process, once the transaction of `connection` commits. Not for busy transactions.

    Postgres commits transactions that notify one after the other, each with its own disk flush.
    Raises ValueError for a topic or id that does not fit.
    """
    texts = [str(id_) for id_ in ids]
    if not _TOPIC.fullmatch(topic) or any(len(text) > _MOST_ID_CHARACTERS for text in texts):
        raise ValueError("A topic is a lower-case word, and an id has at most 200 characters.")
    notices = [f"{tenant_id} {topic} {text}" for text in texts]
    await connection.execute("select pg_notify($1, notice) from unnest($2::text[]) as notice", _CHANNEL, notices)


class Subscription:
    """Signals of one tenant and topic, as an async iterator. Close it, or use it in a `with` statement.

    At most one signal of an id waits; when too many ids do, one `resync` stands for them all.
    """

    def __init__(self, hub: "SignalHub", tenant_id: UUID, topic: str) -> None:
        self._hub = hub
        self.tenant_id = tenant_id
        self.topic = topic
        self._waiting: dict[Signal, None] = {}
        self._arrived = asyncio.Event()
        self._closed = False

    def offer(self, signal: Signal) -> None:
        """Let a signal wait for the iterator."""
        if signal.resync or len(self._waiting) >= _MOST_WAITING:
            self._waiting = {Signal(self.topic, resync=True): None}
        elif Signal(self.topic, resync=True) not in self._waiting:
            self._waiting[signal] = None
        self._arrived.set()

    def close(self) -> None:
        """End the iterator, and stop listening."""
        self._closed = True
        self._hub.forget(self)
        self._arrived.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Signal:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        signal = next(iter(self._waiting))
        del self._waiting[signal]
        return signal


class SignalHub:
    """One listening connection for a whole process. Use it in an `async with` statement.

    Entering it does not wait for the database: subscribers get `resync` whenever listening begins (again).
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # Weak, so that a watcher that was dropped without closing costs nothing.
        self._subscriptions: dict[tuple[str, str], weakref.WeakSet[Subscription]] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="signals")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for subscription in self._all():
            subscription.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def listening(self) -> Awaitable[bool]:
        """Return once signals arrive."""
        return self._listening.wait()

    def subscribe(self, tenant_id: UUID, topic: str) -> Subscription:
        """Listen from now on. Subscribe first and read the state after, so that no change falls between."""
        subscription = Subscription(self, tenant_id, topic)
        self._subscriptions.setdefault((str(tenant_id), topic), weakref.WeakSet()).add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """Offer this subscription nothing any more."""
        key = (str(subscription.tenant_id), subscription.topic)
        if (subscribed := self._subscriptions.get(key)) is not None:
            subscribed.discard(subscription)
            if not subscribed:
                del self._subscriptions[key]

    def _all(self) -> list[Subscription]:
        return [one for subscribed in self._subscriptions.values() for one in subscribed]

    async def _run(self) -> None:
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=10, command_timeout=10, server_settings={"application_name": "cairn signals"}
                )
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("Signals: no connection (%s).", type(error).__name__)
            else:
                pause_seconds = _FIRST_PAUSE_SECONDS
                await self._listen(connection)
            await asyncio.sleep(pause_seconds * (0.5 + 0.5 * random.random()))  # noqa: S311 - jitter is no secret.
            pause_seconds = min(_MOST_PAUSE_SECONDS, 2 * pause_seconds)

    async def _listen(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Pass signals on until the connection is lost."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(_CHANNEL, self._receive)
            self._listening.set()
            for subscription in self._all():
                subscription.offer(Signal(subscription.topic, resync=True))
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ALIVE_SECONDS):
                        await lost.wait()
                        return
                # A connection whose other end vanished without a word says nothing until it is used.
                await connection.execute("select 1")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("Signals: the connection was lost (%s).", type(error).__name__)
        finally:
            self._listening.clear()
            connection.terminate()

    def _receive(self, _connection: object, _process: int, _channel: str, payload: object) -> None:
        tenant, topic, text = str(payload).split(" ", 2)
        for subscription in list(self._subscriptions.get((tenant, topic), ())):
            subscription.offer(Signal(topic, text))
