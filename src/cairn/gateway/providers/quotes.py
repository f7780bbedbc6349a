"""The built-in model `quotes`: the caller's own decision logs, word for word, through a port."""

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing

from cairn.gateway.domain.calls import Chunk, Order
from cairn.gateway.domain.failures import InvalidRequest, ModelNotFound, Untranslatable
from cairn.gateway.domain.messages import ChatRequest, Media, Stopped, StopReason, TextDelta, Usage
from cairn.gateway.domain.providers import QUOTES, QUOTES_PROVIDER, ProviderConfig
from cairn.gateway.domain.wires import Wire
from cairn.gateway.ports import Extracts, Provider, ProviderFactory

_CHARACTERS_A_TOKEN = 4


class QuotesProvider:
    """Answers with extracts. It has no words of its own, so that it costs nothing and takes no tools."""

    wires: Collection[Wire] = frozenset()

    def __init__(self, extracts: Extracts | None) -> None:
        self._extracts = extracts

    async def stream(self, order: Order) -> AsyncGenerator[Chunk]:
        """Stream one reply, as `ports.Provider` says."""
        if self._extracts is None or order.caller is None:
            raise ModelNotFound(QUOTES)
        request = order.chat()
        question, *earlier = _read_questions(request)
        left = (request.output_tokens_most or 0) * _CHARACTERS_A_TOKEN or None
        async with aclosing(self._extracts(order.caller, question, earlier)) as texts:
            async for text in texts:
                if left is not None and len(text) > left:
                    yield Chunk((TextDelta(text[:left]), Usage(0, 0), Stopped(StopReason.LENGTH)))
                    return
                left = None if left is None else left - len(text)
                yield Chunk((TextDelta(text),))
        yield Chunk((Usage(0, 0), Stopped(StopReason.COMPLETE)))


def _read_questions(request: ChatRequest) -> list[str]:
    """Return what the user asked, the latest first. Raises for what a list of quotes cannot do."""
    if request.output_format is not None:
        raise Untranslatable("A format for the reply", QUOTES, field="response_format")
    if request.tool_choice is not None and request.tool_choice.mode in {"any", "one"}:
        raise Untranslatable("A tool that must be used", QUOTES, field="tool_choice")
    said = [message for message in request.messages if message.role == "user"]
    if said and any(isinstance(part, Media) for part in said[-1].parts):
        raise Untranslatable("An image or a document", QUOTES, field="messages")
    questions = [message.text.strip() for message in reversed(said) if message.text.strip()]
    if not said or not said[-1].text.strip():
        raise InvalidRequest("The last message of the user asks nothing. Put a question into it.", field="messages")
    return questions


class WithQuotes:
    """A factory that knows `quotes` beside the providers of another. `extracts` is set once there are logs to quote."""

    def __init__(self, providers: ProviderFactory) -> None:
        self._providers = providers
        self.extracts: Extracts | None = None

    def __call__(self, config: ProviderConfig) -> Provider:
        """Return the adapter for `config`, as `ports.ProviderFactory` says."""
        return QuotesProvider(self.extracts) if config is QUOTES_PROVIDER else self._providers(config)
