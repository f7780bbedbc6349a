"""What the server answers besides RPCs, and whom it answers at all."""

import base64
import gzip
import hashlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from protobuf import Message

from cairn.entrypoints.asgi import Root, WebFiles
from cairn.gen.cairn.decisions.v1 import decisions_pb as pb

RPC = "/cairn.tenancy.v1.TenancyService/GetSession"


async def post(address: str, path: str = RPC, **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(address + path, json={}, headers=headers) as response,
    ):
        return response.status, await response.text()


async def test_an_rpc_answers_plain_json(address: str) -> None:
    status, text = await post(address)
    assert status == 200
    assert '"role":"admin"' in text.replace(" ", "")


async def test_the_same_rpc_answers_grpc_web(address: str) -> None:
    headers = {"content-type": "application/grpc-web+proto"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address + RPC, data=bytes(5), headers=headers) as response,
    ):
        body = await response.read()
    assert response.headers["content-type"].startswith("application/grpc-web")
    assert b"admin" in body
    assert b"grpc-status: 0" in body.lower().replace(b"grpc-status:0", b"grpc-status: 0")


async def test_a_list_is_the_same_page_in_json_and_in_binary(address: str) -> None:
    service = f"{address}/cairn.decisions.v1.DecisionsService"
    async with aiohttp.ClientSession() as session:

        async def call(method: str, request: Message) -> bytes:
            headers = {"content-type": "application/proto"}
            async with session.post(f"{service}/{method}", data=request.to_binary(), headers=headers) as answer:
                assert answer.status == 200
                return await answer.read()

        made = await call("CreateLog", pb.CreateLogRequest(slug="wire", name='A "log"', prefix="WIRE"))
        log = pb.CreateLogResponse.from_binary(made).log
        assert log
        for number in range(3):
            content = pb.Content(
                title=f'Say "{number}"\\ ä', status=pb.Status.PROPOSED, tags=["a b", '"'] * (number % 2)
            )
            await call("CreateDecision", pb.CreateDecisionRequest(log_id=log.id, content=content))
        cursor, titles = "", list[str]()
        for _ in range(2):
            request = pb.ListDecisionsRequest(log_ids=[log.id], page_size=2, cursor=cursor)
            page = pb.ListDecisionsResponse.from_binary(await call("ListDecisions", request))
            json = request.to_json().encode()
            async with session.post(
                f"{service}/ListDecisions", data=json, headers={"content-type": "application/json"}
            ) as answer:
                assert pb.ListDecisionsResponse.from_json(await answer.read()) == page
            cursor = page.next_cursor
            titles += [decision.title for decision in page.decisions]
    assert titles == [f'Say "{number}"\\ ä' for number in range(3)]
    assert cursor == ""


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7766", "127.0.0.1.evil.example", ""])
async def test_a_local_server_answers_only_under_a_loopback_name(address: str, host: str) -> None:
    status, text = await post(address, Host=host)
    assert status in {400, 403}
    assert "admin" not in text


async def test_a_page_from_elsewhere_cannot_call_a_local_server(address: str) -> None:
    assert (await post(address, Origin="https://evil.example"))[0] == 403
    assert (await post(address, Origin=address))[0] == 200


async def test_an_unknown_service_is_not_found(address: str) -> None:
    assert (await post(address, "/cairn.nothing.v1.NothingService/Do"))[0] == 404


async def test_health_needs_no_name(address: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/healthz", headers={"Host": "elsewhere"}) as response,
    ):
        assert (response.status, await response.text()) == (200, "ok")


class Answer:
    """Collects what an ASGI application sends."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def __call__(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        return self.messages[1]["body"]


async def no_body() -> Any:
    raise AssertionError("pages read no body")


@pytest.fixture
def pages(tmp_path: Path) -> WebFiles:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Cairn</title>")
    (tmp_path / "assets" / "app-1234.js").write_text("let a = 1;" * 100)
    (tmp_path / "assets" / "app-1234.js.br").write_bytes(b"the same, smaller")
    return WebFiles(tmp_path)


async def get(pages: WebFiles, path: str, method: str = "GET", **headers: str) -> Answer:
    answer = Answer()
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await pages({"type": "http", "method": method, "path": path, "headers": sent}, no_body, answer)
    return answer


async def test_pages_of_the_application_are_its_index(pages: WebFiles) -> None:
    for path in ("/", "/decisions/x", "/index.html"):
        answer = await get(pages, path)
        assert (answer.status, answer.body) == (200, b"<!doctype html><title>Cairn</title>")
        assert answer.headers[b"cache-control"] == b"no-cache"
        assert b"frame-ancestors 'none'" in answer.headers[b"content-security-policy"]


async def test_a_page_may_run_the_scripts_that_stand_in_it_and_no_others(tmp_path: Path) -> None:
    script = "document.documentElement.lang = 'de';"
    (tmp_path / "index.html").write_text(f"<!doctype html><script>{script}</script><script src=a.js></script>")
    policy = (await get(WebFiles(tmp_path), "/")).headers[b"content-security-policy"].decode()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2]


async def test_assets_are_cached_for_good_and_zipped_when_wanted(pages: WebFiles) -> None:
    smallest = await get(pages, "/assets/app-1234.js", accept_encoding="gzip, deflate, br, zstd")
    assert (smallest.body, smallest.headers[b"content-encoding"]) == (b"the same, smaller", b"br")
    assert (await get(pages, "/assets/app-1234.js.br")).status == 404
    answer = await get(pages, "/assets/app-1234.js", accept_encoding="gzip, deflate")
    assert answer.headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(answer.body) == b"let a = 1;" * 100
    assert b"immutable" in answer.headers[b"cache-control"]
    plain = await get(pages, "/assets/app-1234.js")
    assert plain.body == b"let a = 1;" * 100
    same = await get(pages, "/assets/app-1234.js", if_none_match=plain.headers[b"etag"].decode())
    assert (same.status, same.body) == (304, b"")


async def test_what_is_not_there_is_said(pages: WebFiles, tmp_path: Path) -> None:
    assert (await get(pages, "/assets/gone.js")).status == 404
    assert (await get(pages, "/", "POST")).status == 405
    empty = await get(WebFiles(tmp_path / "nowhere"), "/")
    assert (empty.status, b"make web" in empty.body) == (404, True)


async def test_head_sends_no_body(pages: WebFiles) -> None:
    answer = await get(pages, "/", "HEAD")
    assert (answer.status, answer.body, answer.headers[b"content-length"]) == (200, b"", b"35")


async def test_root_ignores_what_is_not_http(pages: WebFiles) -> None:
    answer = Answer()
    await Root({}, pages, local=True)({"type": "lifespan"}, no_body, answer)
    assert not answer.messages
