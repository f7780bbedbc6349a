"""A database that goes away while Cairn serves: said clearly, and over as soon as it is back."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from support.server import client_of, run_server

from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceClient
from cairn.gen.cairn.decisions.v1.decisions_pb import ListLogsRequest
from cairn.platform.migrations import migrate
from cairn.platform.postgres.embedded import EmbeddedPostgres


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    # pytest's own folders are closed to the account that runs Postgres for root.
    with tempfile.TemporaryDirectory(prefix="cairn-test-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder), durable=False)
        server.start()
        yield server
        server.stop()


async def test_a_database_that_goes_away_is_unavailable_and_then_back(
    own_postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    urls = await own_postgres.provision("cairn")
    await migrate(urls.owner)
    async with run_server(urls, tmp_path) as address:
        client = client_of(DecisionsServiceClient, address)
        await client.list_logs(ListLogsRequest())
        own_postgres.stop()
        for _ in range(2):  # The first meets a cut connection, the second finds nobody.
            with pytest.raises(ConnectError) as caught:
                await client.list_logs(ListLogsRequest())
            assert caught.value.code is Code.UNAVAILABLE
            assert "The database does not answer" in caught.value.message
        own_postgres.start()
        assert not (await client.list_logs(ListLogsRequest())).logs
