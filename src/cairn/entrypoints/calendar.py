"""The calendar of review dates, for programs that subscribe to an address: GET /calendar/TOKEN.ics."""

import re
from http import HTTPStatus

from cairn.decisions.rpc.review import read_calendar
from cairn.entrypoints.asgi import Receive, Scope, Send, respond
from cairn.kernel.errors import CairnError
from cairn.platform.database import Database

_PATH = re.compile(r"/calendar/([A-Za-z0-9_-]{20,100})\.ics")


class Calendar:
    """Answers with the reviews of the person whose address it is. The token in the path is never logged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature.
        """Answer a GET or HEAD."""
        match = _PATH.fullmatch(scope["path"])
        if match is None or scope["method"] not in {"GET", "HEAD"}:
            await respond(send, HTTPStatus.NOT_FOUND, "There is no such calendar.")
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        page = f"{scope.get('scheme', 'http')}://{headers.get(b'host', b'').decode('latin-1')}"
        try:
            body = (await read_calendar(self._database, match[1], page)).encode("utf-8", "replace")
        except CairnError as error:
            await respond(send, HTTPStatus.NOT_FOUND, error.message)
            return
        sent = [
            (b"content-type", b"text/calendar; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"private, max-age=300"),
        ]
        await send({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": sent})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
