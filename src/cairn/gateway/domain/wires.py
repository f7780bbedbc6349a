"""The formats in which models are asked."""

from enum import StrEnum


class Wire(StrEnum):
    """The formats in which models are asked. `OWN` is Cairn's own pages and commands."""

    OWN = "cairn"
    OPENAI_CHAT = "openai.chat"
    OPENAI_RESPONSES = "openai.responses"
    OPENAI_EMBEDDINGS = "openai.embeddings"
    GEMINI = "gemini"
    ANTHROPIC = "anthropic.messages"
    ANTHROPIC_COUNT = "anthropic.count_tokens"

    @property
    def family(self) -> str:
        """Whose format it is: those of one vendor tell errors in one shape."""
        return self.value.partition(".")[0]

    @property
    def is_anthropics(self) -> bool:
        """Whether errors are told in Anthropic's shape."""
        return self.family == "anthropic"
