"""A server for the tests that speak to one, and folders for servers of a test's own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.server import run_server

from cairn.platform.database import DatabaseUrls


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the account of Postgres can reach; pytest's own folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def address(database_urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a local Cairn on this module's database."""
    async with run_server(database_urls, tmp_path) as address:
        yield address
