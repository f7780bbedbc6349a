"""Folders for servers of a test's own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the account of Postgres can reach; pytest's own folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
