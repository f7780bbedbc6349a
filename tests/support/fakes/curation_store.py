"""`CurationStore` in memory, as one person sees it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from cairn.decisions.domain.curation import BulkEdit, SavedFilter, Template


@dataclass
class MemoryCurationStore:
    """See the port for what each method means."""

    person_id: UUID
    templates: dict[tuple[UUID, str], Template] = field(default_factory=dict)
    chosen: dict[UUID, str] = field(default_factory=dict)
    filters: dict[tuple[UUID, str], SavedFilter] = field(default_factory=dict)
    edits: dict[UUID, BulkEdit] = field(default_factory=dict)

    async def list_templates(self, log_id: UUID) -> list[Template]:
        return [template for (log, _), template in sorted(self.templates.items()) if log == log_id]

    async def put_template(self, log_id: UUID, template: Template, at: datetime) -> None:
        del at
        self.templates[log_id, template.name] = template

    async def delete_template(self, log_id: UUID, name: str) -> bool:
        return self.templates.pop((log_id, name), None) is not None

    async def get_chosen_template(self, log_id: UUID) -> str:
        return self.chosen.get(log_id, "madr")

    async def choose_template(self, log_id: UUID, name: str) -> None:
        self.chosen[log_id] = name

    async def list_filters(self) -> list[SavedFilter]:
        seen = [f for f in self.filters.values() if f.shared or f.person_id == self.person_id]
        return sorted(seen, key=lambda f: (f.name, f.id))

    async def put_filter(self, filter_: SavedFilter, at: datetime) -> UUID:
        del at
        key = filter_.person_id, filter_.name
        kept = self.filters[key].id if key in self.filters else filter_.id
        self.filters[key] = replace(filter_, id=kept)
        return kept

    async def delete_filter(self, filter_id: UUID, person_id: UUID) -> bool:
        found = [key for key, f in self.filters.items() if f.id == filter_id and f.person_id == person_id]
        return bool(found) and self.filters.pop(found[0]) is not None

    async def add_bulk_edit(self, edit: BulkEdit) -> None:
        self.edits[edit.id] = edit

    async def hold_bulk_edit(self, edit_id: UUID) -> BulkEdit | None:
        return self.edits.get(edit_id)

    async def mark_undone(self, edit_id: UUID, at: datetime) -> None:
        self.edits[edit_id] = replace(self.edits[edit_id], undone_at=at)
