"""The official SDKs pointed at Cairn, and Cairn's configuration pointed at the test providers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anthropic
import openai

from support.ports import free_port
from support.providers.server import KEY, TestProviders


def write_providers(home: Path, servers: TestProviders) -> Path:
    models = ", ".join(f'"{name}"' for name in (*servers.scenarios, "missing"))
    entries = [("claude", "anthropic", servers.anthropic_url), ("gpt", "openai", servers.openai_url)]
    entries.append(("house", "openai_compatible", servers.openai_url))
    entries.extend([("gemini", "gemini", servers.base), ("azure", "azure_openai", servers.base)])
    # One at whose port nobody listens, and one that speaks no TLS where TLS is asked for.
    entries.append(("absent", "openai", f"http://127.0.0.1:{free_port()}/v1"))
    entries.append(("tls", "openai", servers.openai_url.replace("http://", "https://")))
    text = "\n".join(
        f'[[provider]]\nname = "{name}"\nkind = "{kind}"\nbase_url = "{url}"\nmodels = [{models}]\nkey = "{KEY}"\n'
        for name, kind, url in entries
    )
    path = home / "providers.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


@asynccontextmanager
async def openai_client(address: str, key: str = "any") -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key=key, base_url=f"{address}/v1", max_retries=0) as client:
        yield client


@asynccontextmanager
async def anthropic_client(address: str, key: str = "any") -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(api_key=key, base_url=address, max_retries=0) as client:
        yield client
