"""`ProviderStore` in memory, for one organisation."""

from dataclasses import dataclass, field
from uuid import UUID

from cairn.gateway.domain.providers import ProviderConfig
from cairn.gateway.ports import ProviderNameTaken


@dataclass
class MemoryProviderStore:
    providers: dict[UUID, ProviderConfig] = field(default_factory=dict)

    async def fetch_all(self) -> list[ProviderConfig]:
        return list(self.providers.values())

    async def fetch(self, provider_id: UUID) -> ProviderConfig | None:
        return self.providers.get(provider_id)

    async def save(self, provider: ProviderConfig) -> None:
        if any(one.name == provider.name and one.id != provider.id for one in self.providers.values()):
            raise ProviderNameTaken(provider.name)
        self.providers[provider.id] = provider

    async def delete(self, provider_id: UUID) -> bool:
        return self.providers.pop(provider_id, None) is not None
