"""GatewayService."""

import math
from uuid import UUID

from connectrpc.request import RequestContext

from cairn.gateway.api import Gateway
from cairn.gateway.domain.failures import ProviderFailure
from cairn.gateway.domain.providers import ProviderConfig, ProviderKind, list_models
from cairn.gateway.domain.routing import Alias, Health
from cairn.gateway.formats.operator import OperatorProviders
from cairn.gateway.postgres import PostgresProviderStore
from cairn.gateway.usecases.providers import (
    ProviderNotFound,
    TestResult,
    delete_provider,
    list_providers,
    require_key,
    save_provider,
    test_provider,
)
from cairn.gen.cairn.gateway.v1 import gateway_pb as pb
from cairn.gen.cairn.gateway.v1.gateway_connect import GatewayService
from cairn.kernel.errors import InvalidArgument
from cairn.kernel.ids import uuid7
from cairn.platform.database import Connection, Database
from cairn.platform.rpc import current_caller, parse_id
from cairn.platform.secrets import SecretBox

_KINDS = {
    pb.ProviderKind.ANTHROPIC: ProviderKind.ANTHROPIC,
    pb.ProviderKind.OPENAI: ProviderKind.OPENAI,
    pb.ProviderKind.OPENAI_COMPATIBLE: ProviderKind.OPENAI_COMPATIBLE,
    pb.ProviderKind.GEMINI: ProviderKind.GEMINI,
    pb.ProviderKind.AZURE_OPENAI: ProviderKind.AZURE_OPENAI,
}
_KINDS_TO_PROTO = {kind: proto for proto, kind in _KINDS.items()}


class GatewayRpc(GatewayService):
    """Serves `GatewayService`. `local` is true when only this machine's owner reaches the server."""

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        box: SecretBox,
        operator: OperatorProviders,
        *,
        local: bool,
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._box = box
        self._operator = operator
        self._local = local

    def _store(self, connection: Connection) -> PostgresProviderStore:
        return PostgresProviderStore(connection, self._box)

    async def list_models(
        self, request: pb.ListModelsRequest, ctx: RequestContext[pb.ListModelsRequest, pb.ListModelsResponse], /
    ) -> pb.ListModelsResponse:
        """List the models that can be asked."""
        async with self._database.transaction(current_caller()) as connection:
            configured = await list_providers(self._store(connection), self._operator.providers)
        models = [
            pb.Model(name=one.name, provider=one.provider, extracts_only=one.extracts_only, default=one.default)
            for one in list_models(configured)
        ]
        return pb.ListModelsResponse(models=models)

    async def list_providers(
        self,
        request: pb.ListProvidersRequest,
        ctx: RequestContext[pb.ListProvidersRequest, pb.ListProvidersResponse],
        /,
    ) -> pb.ListProvidersResponse:
        """List the configured providers."""
        async with self._database.transaction(current_caller()) as connection:
            configured = await list_providers(self._store(connection), self._operator.providers)
        problems = [
            *self._operator.problems,
            *(f"The key of {one.name} can no longer be opened. Enter it again." for one in configured if one.key_lost),
        ]
        return pb.ListProvidersResponse(
            providers=[_to_proto(one) for one in configured],
            problems=problems,
            health=[_write_health(one) for one in self._gateway.list_health(configured)],
            aliases=[_write_alias(alias) for alias in self._operator.aliases],
        )

    async def save_provider(
        self, request: pb.SaveProviderRequest, ctx: RequestContext[pb.SaveProviderRequest, pb.SaveProviderResponse], /
    ) -> pb.SaveProviderResponse:
        """Add or change a provider."""
        kind = _KINDS.get(request.kind)
        if kind is None:
            raise InvalidArgument("Say which kind of provider this is.", field="kind")
        provider = ProviderConfig(
            id=self._parse_own_id(request.id) if request.id else uuid7(),
            kind=kind,
            name=request.name.strip(),
            base_url=request.base_url.strip(),
            models=tuple(model.strip() for model in request.models),
        )
        async with self._database.transaction(current_caller()) as connection:
            saved = await save_provider(
                self._store(connection),
                self._operator.providers,
                provider,
                key=request.key if request.has_field("key") else None,
                is_new=not request.id,
                private_allowed=self._local,
            )
        return pb.SaveProviderResponse(provider=_to_proto(saved))

    async def delete_provider(
        self,
        request: pb.DeleteProviderRequest,
        ctx: RequestContext[pb.DeleteProviderRequest, pb.DeleteProviderResponse],
        /,
    ) -> pb.DeleteProviderResponse:
        """Remove a provider and its key."""
        provider_id = self._parse_own_id(request.id)
        async with self._database.transaction(current_caller()) as connection:
            await delete_provider(self._store(connection), provider_id)
        return pb.DeleteProviderResponse()

    async def test_provider(
        self, request: pb.TestProviderRequest, ctx: RequestContext[pb.TestProviderRequest, pb.TestProviderResponse], /
    ) -> pb.TestProviderResponse:
        """Send one short request to the provider."""
        provider_id = parse_id(request.id, "provider")
        async with self._database.transaction(current_caller()) as connection:
            configured = await list_providers(self._store(connection), self._operator.providers)
        config = next((one for one in configured if one.id == provider_id), None)
        if config is None:
            raise ProviderNotFound
        result = await self._test(config)
        return pb.TestProviderResponse(ok=result.ok, message=result.message, first_token_ms=result.first_token_ms)

    async def _test(self, config: ProviderConfig) -> TestResult:
        try:
            require_key(config)
        except ProviderFailure as failure:
            return TestResult(ok=False, message=failure.message)
        caller = current_caller()
        return await test_provider(config, lambda order: self._gateway.probe(caller, config, order))

    def _parse_own_id(self, text: str) -> UUID:
        provider_id = parse_id(text, "provider")
        if any(provider.id == provider_id for provider in self._operator.providers):
            raise InvalidArgument(
                "This provider comes from the server's file. Its operator changes it there.", field="id"
            )
        return provider_id


def _to_proto(provider: ProviderConfig) -> pb.Provider:
    return pb.Provider(
        id=str(provider.id),
        kind=_KINDS_TO_PROTO[provider.kind],
        name=provider.name,
        base_url=provider.base_url,
        models=list(provider.models),
        has_key=bool(provider.key),
        from_file=provider.from_file,
    )


def _write_health(health: Health) -> pb.ModelHealth:
    known = not math.isnan(health.first_token_s)
    return pb.ModelHealth(
        name=health.name,
        resting=health.resting_s > 0,
        resting_s=math.ceil(health.resting_s),
        first_token_ms=max(1, round(health.first_token_s * 1000)) if known else 0,
        running=health.running,
        waiting=health.waiting,
        failures=health.failures,
        last_failure=health.last_failure,
    )


def _write_alias(alias: Alias) -> pb.Alias:
    return pb.Alias(
        name=alias.name,
        targets=[target for target, _ in alias.targets],
        strategy=alias.strategy.value,
        weights=[weight for _, weight in alias.targets],
    )
