"""A real server on loopback, in the test's own event loop, and clients for it."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from connectrpc.client import ConnectClient
from connectrpc.request import Headers, RequestContext

from cairn.entrypoints.server import open_application
from cairn.platform.database import DatabaseUrls
from cairn.platform.listening import HttpServer
from cairn.platform.settings import ProcessSettings
from support.ports import free_port


class BearerToken:
    """Sends a token with every call of a client."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        headers: Headers = ctx.request_headers
        headers["authorization"] = f"Bearer {self._token}"

    async def on_end(self, _token: None, _ctx: RequestContext[Any, Any], _error: Exception | None, /) -> None:
        return


@asynccontextmanager
async def run_server(urls: DatabaseUrls, home: Path, *, local: bool = True) -> AsyncGenerator[str]:
    """Serve Cairn from `urls` and give its address once it answers."""
    settings = ProcessSettings(home=home, port=free_port(), app_database_url=urls.app, bus_database_url=urls.bus)
    async with open_application(settings, local=local) as application:
        server = HttpServer(application, host="127.0.0.1", port=settings.port)
        serving = asyncio.create_task(server.run_until_stopped())
        try:
            yield f"http://127.0.0.1:{settings.port}"
        finally:
            server.stop()
            await serving


async def _until_healthy(address: str, *, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{address}/healthz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0)  # The listener opens in another process, which tells nobody.


def client_of(kind: type[ConnectClient], address: str, token: str | None = None) -> Any:
    """Return a generated client of `kind`, as the holder of `token` or as the machine's owner."""
    return kind(address, interceptors=[BearerToken(token)] if token else [])


@asynccontextmanager
async def run_server_process(
    urls: DatabaseUrls, home: Path, *, port: int = 0
) -> AsyncGenerator[tuple[str, asyncio.subprocess.Process]]:
    """Serve Cairn in a process of its own, which a test may kill; give its address once it answers, and the process."""
    settings = ProcessSettings(
        home=home, port=port or free_port(), app_database_url=urls.app, bus_database_url=urls.bus
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cairn.entrypoints.server",
        env={**os.environ, **settings.to_environment()},
        stderr=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{settings.port}"
    try:
        await _until_healthy(address, seconds=60)
        yield address, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
