from collections.abc import AsyncIterator

import pytest
from support.providers.server import TestProviders, run_test_providers

from cairn.gateway.providers.factory import HttpProviders
from cairn.gateway.providers.http import StreamLimits


@pytest.fixture
async def servers() -> AsyncIterator[TestProviders]:
    async with run_test_providers() as running:
        yield running


@pytest.fixture
async def providers() -> AsyncIterator[HttpProviders]:
    opened = HttpProviders.open(local=True, limits=StreamLimits(first_token_s=0.4, silence_s=0.4))
    yield opened
    await opened.close()
