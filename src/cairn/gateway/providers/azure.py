"""Azure OpenAI, by its v1 API: OpenAI's own with another address and header.

https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle. A model is a deployment's name.
"""

from cairn.gateway.providers.openai import OpenAIProvider


class AzureOpenAIProvider(OpenAIProvider):
    """Speaks to a resource of Azure OpenAI, whose address is as https://NAME.openai.azure.com."""

    def url(self, path: str) -> str:
        """Return where a request goes."""
        return f"{self._config.url}/openai/v1{path}"

    def authorization(self) -> list[tuple[str, str]]:
        """Return the headers that hold the key."""
        return [("api-key", self._config.key)]
