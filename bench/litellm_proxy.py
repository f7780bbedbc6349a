"""LiteLLM's proxy for comparison, installed into the folder that CAIRN_BENCH_LITELLM names; never a part of Cairn."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from instance import clean_environment, free_port

FOLDER = "CAIRN_BENCH_LITELLM"
_START_S = 180


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and its process."""

    port: int
    pid: int


@asynccontextmanager
async def run_if_asked(provider_port: int, models: Sequence[str]) -> AsyncGenerator[Proxy | None]:
    """Run one worker of it, without a database, in front of the provider; None when no folder is named."""
    named = os.environ.get(FOLDER)
    if not named:
        yield None
        return
    folder = Path(named)
    program = _install(folder)
    entries = [
        {
            "model_name": model,
            "litellm_params": {
                "model": f"openai/{model}",
                "api_base": f"http://127.0.0.1:{provider_port}/v1",
                "api_key": "sk-bench",
            },
        }
        for model in (*models, "mfast")
    ]
    configuration = folder / "config.json"
    # YAML reads JSON.
    # It refuses to start without a key otherwise; with one it would have more to do, not less.
    settings = {"dangerously_permit_weak_or_unset_master_key": True}
    configuration.write_text(json.dumps({"model_list": entries, "general_settings": settings}))
    port = free_port()
    command = [str(program), "--config", str(configuration), "--port", str(port), "--host", "127.0.0.1"]
    environment = clean_environment(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_TELEMETRY="False")
    with (folder / "proxy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
    try:
        await _until_open(port, process)
        yield Proxy(port, process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _install(folder: Path) -> Path:
    program = folder / "bin" / "litellm"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)  # noqa: S603
        uv = Path(sys.executable).parent / "uv"
        python = str(folder / "bin" / "python")
        subprocess.run([str(uv), "pip", "install", "-q", "--python", python, "litellm[proxy]"], check=True)  # noqa: S603
    return program


async def _until_open(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_START_S):
        while True:
            if process.returncode is not None:
                raise RuntimeError("LiteLLM's proxy did not start; its folder has a proxy.log.")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
                continue
            writer.close()
            return
