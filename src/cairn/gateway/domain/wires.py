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
    def is_anthropics(self) -> bool:
        """Whether errors are told in Anthropic's shape."""
        return self in {Wire.ANTHROPIC, Wire.ANTHROPIC_COUNT}
