"""The floor: our HTTP server with an ASGI application that answers the same bytes to everything. Argument: the port."""

import asyncio
import signal
import sys
from typing import Any

import uvloop

from cairn.platform.listening import HttpServer

_BODY = b"{}"
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]


async def _answer(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI has no types.
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})


async def _serve(port: int) -> None:
    server = HttpServer(_answer, host="127.0.0.1", port=port)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.run_until_stopped()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
