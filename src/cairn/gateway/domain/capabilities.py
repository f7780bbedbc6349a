"""What a model takes besides texts, and what a request asks of it."""

from enum import StrEnum


class Capability(StrEnum):
    """Something that not every model can do."""

    TOOLS = "tools"
    IMAGES = "images"
    JSON = "json"

    @property
    def words(self) -> str:
        """How an error names it."""
        return {"tools": "Tools", "images": "Images", "json": "A format for the reply"}[self.value]


# Taken for true of a model that nothing is known of: its provider will say if it is not.
EVERYTHING = frozenset(Capability)
