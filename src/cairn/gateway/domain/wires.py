"""The formats in which models are asked."""

from enum import StrEnum


class Wire(StrEnum):
    """The formats in which models are asked. `OWN` is Cairn's own pages and commands."""

    OWN = "cairn"
    OPENAI_CHAT = "openai.chat"
    OPENAI_RESPONSES = "openai.responses"
    OPENAI_EMBEDDINGS = "openai.embeddings"
    ANTHROPIC = "anthropic.messages"
