"""A server for the tests that speak to one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.server import run_server

from cairn.platform.database import DatabaseUrls


@pytest.fixture
async def address(database_urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a local Cairn on this module's database."""
    async with run_server(database_urls, tmp_path) as address:
        yield address
