"""The client of outbound calls, against servers that say byte by byte what a test tells them to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cairn.platform import egress
from cairn.platform.connection import Connection
from cairn.platform.egress import ConnectFailed, ConnectionBroken, EgressError, EgressSession, Reply, Untrusted

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


class Server:
    """Answers each request with the next of `answers`; None closes the connection in its place."""

    def __init__(self) -> None:
        self.answers: list[bytes | None] = []
        self.heads: list[bytes] = []
        self.connections = 0
        # Set when a connection has ended, from whichever side.
        self.ended = asyncio.Event()
        # What is said before a connection is closed, but for whole answers.
        self.closes_after = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                answer = self.answers.pop(0)
                if answer is None:
                    return
                writer.write(answer)
                await writer.drain()
                if self.closes_after:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with served(Server()) as one:
        yield one


@pytest.fixture
async def session() -> AsyncIterator[EgressSession]:
    session = EgressSession.open(private_allowed=True)
    yield session
    await session.close()


def soon(seconds: float = 5.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def post(session: EgressSession, server: Server, body: bytes = b"{}", seconds: float = 5.0) -> Reply:
    headers = (("content-type", "application/json"),)
    return await session.post(server.url, body=body, headers=headers, deadline=soon(seconds))


async def read_all(reply: Reply) -> bytes:
    pieces: list[bytes] = []
    try:
        while piece := await reply.read(soon()):
            pieces.append(piece)
    finally:
        reply.close()
    return b"".join(pieces)


async def test_what_is_sent(session: EgressSession, server: Server) -> None:
    server.answers = [WHOLE]
    assert await read_all(await post(session, server)) == b"ok"
    first, *lines = server.heads[0].decode().strip().split("\r\n")
    assert first == "POST /v1 HTTP/1.1"
    assert lines == [
        f"host: 127.0.0.1:{server.port}",
        "user-agent: cairn",
        "accept-encoding: identity",
        "content-type: application/json",
        "content-length: 2",
    ]


async def test_a_connection_serves_again_after_a_whole_reply(session: EgressSession, server: Server) -> None:
    server.answers = [WHOLE, CHUNKED + b"2\r\nab\r\n1;note=x\r\nc\r\n0\r\nTrailer: x\r\n\r\n", WHOLE]
    assert [await read_all(await post(session, server)) for _ in range(3)] == [b"ok", b"abc", b"ok"]
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        # More than was asked for: what comes next could not be told from it.
        WHOLE + b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad",
    ],
    ids=["asks to close", "HTTP/1.0", "another reply"],
)
async def test_a_connection_that_cannot_serve_again(session: EgressSession, server: Server, answer: bytes) -> None:
    server.answers = [answer, WHOLE]
    assert await read_all(await post(session, server)) == b"ok"
    assert await read_all(await post(session, server)) == b"ok"
    assert server.connections == 2


async def test_a_reply_that_only_the_end_of_its_connection_ends(session: EgressSession, server: Server) -> None:
    server.closes_after = True
    server.answers = [b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nall of it"]
    assert await read_all(await post(session, server)) == b"all of it"


async def test_interim_replies_announce_the_real_one(session: EgressSession, server: Server) -> None:
    server.answers = [b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + WHOLE]
    reply = await post(session, server)
    assert (reply.status, reply.headers) == (200, {"content-length": "2"})
    assert await read_all(reply) == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"5\r\nhel",
        CHUNKED + b"5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
        CHUNKED + b"5\r\nhello\r\nnonsense\r\n",
    ],
    ids=["in a chunk", "between chunks", "before its length", "no chunk"],
)
async def test_what_came_before_a_cut_is_there(session: EgressSession, server: Server, answer: bytes) -> None:
    server.closes_after = True
    server.answers = [answer]
    reply = await post(session, server)
    got: list[bytes] = []

    async def read() -> None:
        while piece := await reply.read(soon()):
            got.append(piece)

    with pytest.raises(ConnectionBroken):
        await read()
    reply.close()
    assert b"".join(got) == (b"hel" if answer.endswith(b"hel") else b"hello")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000,
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"x%d: a\r\n" % number for number in range(20_000)),
    ],
    ids=["nothing", "half a head", "no HTTP", "another protocol", "endless header", "endless headers"],
)
async def test_what_is_no_reply(session: EgressSession, server: Server, answer: bytes | None) -> None:
    server.closes_after = True
    server.answers = [answer]
    with pytest.raises(ConnectionBroken):
        await post(session, server)
    server.answers = [WHOLE]
    assert await read_all(await post(session, server)) == b"ok"


async def test_silence_ends_at_the_deadline(session: EgressSession, server: Server) -> None:
    server.answers = [b"HTTP/1.1 200 OK\r\n", CHUNKED + b"2\r\nab\r\n"]
    with pytest.raises(TimeoutError):
        await post(session, server, seconds=0.05)
    reply = await post(session, server, seconds=60)
    assert await reply.read(soon(60)) == b"ab"
    # An earlier deadline than the one before is kept to as well.
    with pytest.raises(TimeoutError):
        await reply.read(soon(0.05))
    reply.close()


async def test_leaving_ends_the_connection(session: EgressSession, server: Server) -> None:
    server.answers = [CHUNKED + b"2\r\nab\r\n", WHOLE]
    reply = await post(session, server)
    assert await reply.read(soon()) == b"ab"
    reply.close()
    await asyncio.wait_for(server.ended.wait(), 5)
    assert await read_all(await post(session, server)) == b"ok"
    assert server.connections == 2


async def test_leaving_can_wait_for_the_end_of_a_reply(
    session: EgressSession, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    more, released = asyncio.Event(), asyncio.Event()
    take_back = session._take_back

    def note(connection: Connection) -> None:
        take_back(connection)
        released.set()

    monkeypatch.setattr(session, "_take_back", note)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        for _ in range(2):
            await reader.readuntil(b"{}")
            writer.write(CHUNKED + b"2\r\nab\r\n")
            await more.wait()
            writer.write(b"0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        reply = await post(session, server)
        assert await reply.read(soon()) == b"ab"
        reply.close(linger_s=5)
        more.set()
        await asyncio.wait_for(released.wait(), 5)
        assert await read_all(await post(session, server)) == b"ab"
    assert server.connections == 1


async def test_a_large_reply_waits_for_its_reader(session: EgressSession, server: Server) -> None:
    size = 20_000_000
    server.answers = [b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size, WHOLE]
    reply = await post(session, server)
    largest = total = 0
    while piece := await reply.read(soon()):
        largest, total = max(largest, len(piece)), total + len(piece)
    reply.close()
    assert total == size
    assert largest < 2_000_000
    assert await read_all(await post(session, server)) == b"ok"
    assert server.connections == 1


async def test_a_header_cannot_hold_another(session: EgressSession, server: Server) -> None:
    for value in ("a\r\nx: y", "a\nb", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="end of a line"):
            await session.post(server.url, body=b"", headers=(("authorization", value),), deadline=soon())
    assert server.connections == 0


async def test_nobody_listens(session: EgressSession, server: Server) -> None:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    with pytest.raises(ConnectFailed):
        await session.post(f"http://127.0.0.1:{port}/", body=b"", headers=(), deadline=soon())


async def test_over_tls(session: EgressSession, server: Server, tmp_path: Path) -> None:
    certificate, key = make_certificate()
    (tmp_path / "pair.pem").write_bytes(key + certificate)
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(tmp_path / "pair.pem")
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=ours)
    url = f"https://localhost:{listening.sockets[0].getsockname()[1]}/v1"
    server.answers = [WHOLE, CHUNKED + b"2\r\nab\r\n", WHOLE]
    async with listening:
        with pytest.raises(Untrusted):
            await session.post(url, body=b"", headers=(), deadline=soon())
        session._tls.load_verify_locations(cadata=certificate.decode())
        assert await read_all(await session.post(url, body=b"{}", headers=(), deadline=soon())) == b"ok"
        server.ended.clear()
        left = await session.post(url, body=b"{}", headers=(), deadline=soon())
        assert await left.read(soon()) == b"ab"
        left.close()
        await asyncio.wait_for(server.ended.wait(), 5)
        assert await read_all(await session.post(url, body=b"{}", headers=(), deadline=soon())) == b"ok"
        # The first two on one connection, and one more after it was left.
        assert server.connections == 2


def make_certificate() -> tuple[bytes, bytes]:
    """Return a certificate of localhost that signs itself, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    packed = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return built.public_bytes(serialization.Encoding.PEM), packed


async def test_no_tls_where_tls_was_wanted(session: EgressSession) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WHOLE)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        with pytest.raises(Untrusted):
            await session.post(url, body=b"", headers=(), deadline=soon())


async def test_closing_ends_what_waits_and_what_runs(server: Server) -> None:
    session = EgressSession.open(private_allowed=True)
    server.answers = [CHUNKED, WHOLE]
    running = await post(session, server)
    await read_all(await post(session, server))
    await session.close()
    with pytest.raises(ConnectionBroken):
        await running.read(soon())
    running.close()


async def test_a_connection_does_not_wait_for_ever(
    session: EgressSession, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress, "_IDLE_S", 0.01)
    server.answers = [WHOLE, WHOLE]
    await read_all(await post(session, server))
    await asyncio.wait_for(server.ended.wait(), 5)
    assert await read_all(await post(session, server)) == b"ok"
    assert server.connections == 2


async def test_there_are_only_so_many_connections(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "_CONNECTIONS_MOST", 1)
    session = EgressSession.open(private_allowed=True)
    server.answers = [CHUNKED, WHOLE, WHOLE]
    first = await post(session, server)
    with pytest.raises(TimeoutError):
        await post(session, server, seconds=0.05)
    waiting = asyncio.create_task(post(session, server))
    first.close()
    assert await read_all(await waiting) == b"ok"
    # One that waits for a request makes room for one that leads elsewhere.
    async with served(Server()) as other:
        other.answers = [WHOLE]
        assert await read_all(await post(session, other)) == b"ok"
    await session.close()


async def test_a_connection_that_is_closed_as_soon_as_it_is_made(session: EgressSession) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        for _ in range(20):
            with pytest.raises(EgressError):
                await session.post(url, body=b"", headers=(), deadline=soon())
    assert not session._connections


@pytest.mark.parametrize(
    "scenario",
    [
        test_a_connection_serves_again_after_a_whole_reply,
        test_a_reply_that_only_the_end_of_its_connection_ends,
        test_silence_ends_at_the_deadline,
        test_leaving_ends_the_connection,
        test_a_large_reply_waits_for_its_reader,
    ],
)
def test_the_same_on_the_servers_own_loop(scenario: Callable[[EgressSession, Server], Awaitable[None]]) -> None:
    async def run() -> None:
        session = EgressSession.open(private_allowed=True)
        async with served(Server()) as server:
            await scenario(session, server)
        await session.close()

    uvloop.run(run())


def test_tls_on_the_servers_own_loop(tmp_path: Path) -> None:
    async def run() -> None:
        session = EgressSession.open(private_allowed=True)
        await test_over_tls(session, Server(), tmp_path)
        await session.close()

    uvloop.run(run())


async def test_what_comes_is_taken_where_it_comes_until_something_is_made(session: EgressSession) -> None:
    go_on = asyncio.Event()
    taken: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(CHUNKED + b"1\r\na\r\n")
        for piece in (b"1\r\nb\r\n", b"1\r\nc\r\n", b"1\r\nd\r\n0\r\n\r\n"):
            await go_on.wait()
            go_on.clear()
            writer.write(piece)
        writer.close()

    def take(read: bytes) -> str | None:
        taken.append(read)
        go_on.set()
        return "c has come" if read == b"c" else None

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        reply = await session.post(url, body=b"{}", headers=(), deadline=soon())
        assert await reply.make(take, soon()) == "c has come"
        assert taken == [b"a", b"b", b"c"]
        # What comes with the end is taken too, and then there is nothing.
        assert await reply.make(take, soon()) is None
        assert taken == [b"a", b"b", b"c", b"d"]
        reply.close()


async def test_what_taking_raises_is_raised_where_the_reply_is_waited_for(
    session: EgressSession, server: Server
) -> None:
    server.answers = [CHUNKED + b"1\r\na\r\n"]

    def take(read: bytes) -> None:
        raise ValueError(read)

    reply = await post(session, server)
    with pytest.raises(ValueError, match="a"):
        await reply.make(take, soon())
    reply.close()


async def test_taking_keeps_the_time(session: EgressSession, server: Server) -> None:
    server.answers = [CHUNKED + b"1\r\na\r\n"]
    reply = await post(session, server)
    # What has come moves the deadline nearer, and nothing follows.
    with pytest.raises(TimeoutError):
        await reply.make(lambda _: reply.postpone(soon(0.05)), soon(30))
    reply.close()
