"""A server process for tests of the supervisor: it answers /healthz, and each POST is a committed row."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

from cairn.platform.settings import ProcessSettings

SETTINGS = ProcessSettings.from_environment()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        if self.path == "/crash":
            sys.stderr.write("crashing as told\n")
            sys.stderr.flush()
            self.server.shutdown()
            return
        with psycopg.connect(SETTINGS.app_database_url) as connection:
            connection.execute("insert into written (word) values (%s)", [self.path])
        self._answer(201)

    def _answer(self, code: int) -> None:
        self.send_response(code)
        self.send_header("content-length", "0")
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", SETTINGS.port), Handler).serve_forever()
    sys.exit(7)
