"""What curation needs from outside."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from cairn.decisions.domain.curation import BulkEdit, SavedFilter, Template


class CurationStore(Protocol):
    """Templates, filters and bulk edits, inside one transaction."""

    async def list_templates(self, log_id: UUID) -> list[Template]:
        """Return a log's own templates, by name."""
        ...

    async def put_template(self, log_id: UUID, template: Template, at: datetime) -> None:
        """Add a template, or replace the one of that name."""
        ...

    async def delete_template(self, log_id: UUID, name: str) -> bool:
        """Remove a template; False when there is none of that name."""
        ...

    async def get_chosen_template(self, log_id: UUID) -> str:
        """Return the name of the template that new records of a log start from."""
        ...

    async def choose_template(self, log_id: UUID, name: str) -> None:
        """Let new records of a log start from a template."""
        ...

    async def list_filters(self) -> list[SavedFilter]:
        """Return the filters that the caller may see, by name."""
        ...

    async def put_filter(self, filter_: SavedFilter, at: datetime) -> UUID:
        """Keep a filter; its owner's filter of that name is replaced. Returns the id it has."""
        ...

    async def delete_filter(self, filter_id: UUID, person_id: UUID) -> bool:
        """Remove a person's own filter; False when there is none."""
        ...

    async def add_bulk_edit(self, edit: BulkEdit) -> None:
        """Remember a bulk edit with its items."""
        ...

    async def hold_bulk_edit(self, edit_id: UUID) -> BulkEdit | None:
        """Return a bulk edit, and hold it until the transaction ends."""
        ...

    async def mark_undone(self, edit_id: UUID, at: datetime) -> None:
        """Say that a bulk edit was taken back."""
        ...
