"""`PYTHONPATH=tests python -m support.providers.main [port]`: the test providers as a process, its address as JSON."""

import asyncio
import json
import signal
import sys

from support.providers.server import KEY, run_test_providers


async def serve(port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with run_test_providers(port) as providers:
        known = {"anthropic": providers.anthropic_url, "openai": providers.openai_url, "key": KEY}
        sys.stdout.write(json.dumps(known) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
