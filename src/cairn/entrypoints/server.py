"""The server: the synchronous tier, where a person is waiting."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import uvloop
from connectrpc.server import ConnectASGIApplication

from cairn.chat.rpc import ChatRpc
from cairn.chat.rpc.writing import WritingRpc
from cairn.chat.runner.answers import Answering
from cairn.chat.runner.desk import open_desks
from cairn.chat.runner.extracts import LogExtracts
from cairn.chat.runner.generations import GenerationRunner
from cairn.chat.runner.heirs import Heir
from cairn.chat.runner.library import SearchLibrary
from cairn.chat.runner.writing import Writing
from cairn.decisions.rpc import DecisionsRpc
from cairn.decisions.rpc.curation import CurationRpc
from cairn.decisions.rpc.exchange import ExchangeRpc
from cairn.decisions.rpc.governance import GovernanceRpc
from cairn.decisions.rpc.lifecycle import LifecycleRpc
from cairn.decisions.rpc.publishing import PublishingRpc
from cairn.decisions.rpc.review import ReviewRpc
from cairn.decisions.rpc.versions import VersionsRpc
from cairn.entrypoints.asgi import AsgiApp, Metrics, Root, WebFiles
from cairn.entrypoints.authorization import ACTIONS, ROLES
from cairn.entrypoints.calendar import Calendar
from cairn.entrypoints.embedding import embedders
from cairn.entrypoints.public import PublicPages
from cairn.entrypoints.reranking import open_reranker
from cairn.gateway.api import Gateway, read_operator_providers
from cairn.gateway.endpoints.app import Endpoints
from cairn.gateway.providers.factory import HttpProviders
from cairn.gateway.rpc import GatewayRpc
from cairn.gateway.rpc.spending import SpendingRpc
from cairn.gen.cairn.chat.v1.chat_connect import ChatServiceASGIApplication
from cairn.gen.cairn.chat.v1.writing_connect import WritingServiceASGIApplication
from cairn.gen.cairn.decisions.v1.curation_connect import CurationServiceASGIApplication
from cairn.gen.cairn.decisions.v1.decisions_connect import DecisionsServiceASGIApplication
from cairn.gen.cairn.decisions.v1.exchange_connect import ExchangeServiceASGIApplication
from cairn.gen.cairn.decisions.v1.governance_connect import GovernanceServiceASGIApplication
from cairn.gen.cairn.decisions.v1.lifecycle_connect import LifecycleServiceASGIApplication
from cairn.gen.cairn.decisions.v1.publishing_connect import PublishingServiceASGIApplication
from cairn.gen.cairn.decisions.v1.review_connect import ReviewServiceASGIApplication
from cairn.gen.cairn.decisions.v1.versions_connect import VersionsServiceASGIApplication
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayServiceASGIApplication
from cairn.gen.cairn.gateway.v1.spending_connect import SpendingServiceASGIApplication
from cairn.gen.cairn.search.v1.search_connect import SearchServiceASGIApplication
from cairn.gen.cairn.tenancy.v1.people_connect import PeopleServiceASGIApplication
from cairn.gen.cairn.tenancy.v1.tenancy_connect import TenancyServiceASGIApplication
from cairn.kernel.errors import CairnError
from cairn.platform.database import Database
from cairn.platform.listening import HttpServer
from cairn.platform.memory import thrifty, tidied
from cairn.platform.migrations import require_current_schema
from cairn.platform.rpc import CODECS, Errors, Guard
from cairn.platform.secrets import SecretBox
from cairn.platform.settings import ProcessSettings
from cairn.platform.signals import SignalHub
from cairn.search.api import Search
from cairn.search.rpc import SearchRpc
from cairn.tenancy.api import Authenticator
from cairn.tenancy.rpc import PeopleRpc, TenancyRpc

# An import batch of 4 MiB, and room for its envelope.
READ_MOST_BYTES = 5 * 1024 * 1024
_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parent.parent


def web_folder() -> Path:
    """Return where the built pages are: in the wheel, or in a checkout's `web/dist`."""
    packed = _PACKAGE / "web_dist"
    return packed if packed.is_dir() else _PACKAGE.parent.parent / "web" / "dist"


@asynccontextmanager
async def open_application(
    settings: ProcessSettings, *, local: bool = True, leaving: asyncio.Event | None = None
) -> AsyncGenerator[AsgiApp]:
    """Connect to everything, and give the ASGI application that serves it.

    Once `leaving` is set, answers that are being written are left to another server, and their streams end.
    """
    async with AsyncExitStack() as stack:
        database = await Database.connect(settings.app_database_url)
        stack.push_async_callback(database.close)
        hub = await stack.enter_async_context(SignalHub(settings.app_database_url))
        box = SecretBox.open(settings.home)
        operator = read_operator_providers(settings.home)
        for problem in operator.problems:
            _log.warning("%s", problem)
        providers = HttpProviders.open(local=local)
        stack.push_async_callback(providers.close)
        runner = GenerationRunner(database, hub)
        models = await stack.enter_async_context(Gateway(database, providers, box, operator, local=local))
        reranker = await stack.enter_async_context(open_reranker(settings, models))
        search = Search(*embedders(settings, models), reranker=reranker)
        library = partial(SearchLibrary, search)
        leaving = leaving or asyncio.Event()
        stack.push_async_callback(_end, leaving, asyncio.create_task(_leave(runner, leaving)))
        answering = Answering(database, models, library, runner.store, open_desks(database, search))
        await stack.enter_async_context(Heir(database, runner, answering))
        models.serve_quotes(LogExtracts(database, library))
        authenticator = Authenticator(database, local=local)
        guards: dict[str, Any] = {
            "interceptors": [Errors(), Guard(authenticator, ROLES, ACTIONS)],
            "codecs": CODECS,
            "read_max_bytes": READ_MOST_BYTES,
        }
        gateway = GatewayRpc(database, models, box, operator, local=local)
        applications: list[ConnectASGIApplication[Any]] = [
            ChatServiceASGIApplication(ChatRpc(database, runner, answering), **guards),
            WritingServiceASGIApplication(WritingRpc(database, runner, Writing(database, models, library)), **guards),
            DecisionsServiceASGIApplication(DecisionsRpc(database), **guards),
            LifecycleServiceASGIApplication(LifecycleRpc(database), **guards),
            PublishingServiceASGIApplication(PublishingRpc(database), **guards),
            ReviewServiceASGIApplication(ReviewRpc(database), **guards),
            VersionsServiceASGIApplication(VersionsRpc(database), **guards),
            GatewayServiceASGIApplication(gateway, **guards),
            SpendingServiceASGIApplication(SpendingRpc(database), **guards),
            SearchServiceASGIApplication(SearchRpc(database, search, hub), **guards),
            CurationServiceASGIApplication(CurationRpc(database), **guards),
            ExchangeServiceASGIApplication(ExchangeRpc(database), **guards),
            GovernanceServiceASGIApplication(GovernanceRpc(database), **guards),
            PeopleServiceASGIApplication(PeopleRpc(database), **guards),
            TenancyServiceASGIApplication(TenancyRpc(database), **guards),
        ]
        services: dict[str, Any] = {application.path: application for application in applications}
        services["/calendar"] = Calendar(database)
        services["/metrics"] = Metrics(models.telemetry.expose)
        public = PublicPages(database, web_folder())
        services.update(dict.fromkeys(("/public", "/robots.txt", "/sitemap.xml"), public))
        services["/v1"] = Endpoints(models, authenticator, local=local)
        yield Root(services, WebFiles(web_folder()), local=local)


async def _leave(runner: GenerationRunner, leaving: asyncio.Event) -> None:
    await leaving.wait()
    await runner.close()


async def _end(leaving: asyncio.Event, left: "asyncio.Task[None]") -> None:
    leaving.set()
    await left


async def serve(settings: ProcessSettings) -> None:
    """Serve on loopback until told to stop."""
    await require_current_schema(settings.app_database_url)
    leaving = asyncio.Event()
    async with thrifty(), open_application(settings, leaving=leaving) as application:
        server = HttpServer(application, host="127.0.0.1", port=settings.port)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            # The server waits for its streams, and an answer may take minutes.
            leaving.set()
            server.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        async with tidied():
            await server.run_until_stopped()


def main() -> None:
    """Run the server from the environment that `cairn up` makes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        uvloop.run(serve(ProcessSettings.from_environment()))
    except CairnError as error:
        sys.exit(f"The server did not start. {error.message}")


if __name__ == "__main__":
    main()
