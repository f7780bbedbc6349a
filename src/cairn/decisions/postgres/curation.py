"""`ports.curation` on Postgres."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cairn.decisions.domain import Status
from cairn.decisions.domain.curation import BulkEdit, BulkItem, SavedFilter, Template, Upkeep
from cairn.decisions.postgres.governance import QUERIES
from cairn.platform.database import Connection


class PostgresCurationStore:
    """`ports.curation.CurationStore` inside the transaction of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list_templates(self, log_id: UUID) -> list[Template]:
        """See the port."""
        rows = QUERIES.list_templates(self._connection, log_id=log_id)
        return [Template(row["name"], row["description"], row["body"]) async for row in rows]

    async def put_template(self, log_id: UUID, template: Template, at: datetime) -> None:
        """See the port."""
        await QUERIES.put_template(
            self._connection,
            log_id=log_id,
            name=template.name,
            description=template.description,
            body=template.body,
            at=at,
        )

    async def delete_template(self, log_id: UUID, name: str) -> bool:
        """See the port."""
        return await QUERIES.delete_template(self._connection, log_id=log_id, name=name) is not None

    async def get_chosen_template(self, log_id: UUID) -> str:
        """See the port."""
        return await QUERIES.get_chosen_template(self._connection, log_id=log_id)

    async def choose_template(self, log_id: UUID, name: str) -> None:
        """See the port."""
        await QUERIES.choose_template(self._connection, log_id=log_id, name=name)

    async def list_filters(self) -> list[SavedFilter]:
        """See the port."""
        found: list[SavedFilter] = []
        async for row in QUERIES.list_filters(self._connection):
            kept = json.loads(row["filter"])
            found.append(
                SavedFilter(
                    id=row["id"],
                    person_id=row["person_id"],
                    name=row["name"],
                    shared=row["shared"],
                    log_slugs=tuple(kept["log_slugs"]),
                    statuses=tuple(Status(status) for status in kept["statuses"]),
                    tags=tuple(kept["tags"]),
                    text=kept["text"],
                    owner_ids=tuple(UUID(owner_id) for owner_id in kept.get("owner_ids", ())),
                    governs=kept.get("governs", False),
                )
            )
        return found

    async def put_filter(self, filter_: SavedFilter, at: datetime) -> UUID:
        """See the port."""
        kept = {
            "log_slugs": list(filter_.log_slugs),
            "statuses": [status.value for status in filter_.statuses],
            "tags": list(filter_.tags),
            "text": filter_.text,
            "owner_ids": [str(owner_id) for owner_id in filter_.owner_ids],
            "governs": filter_.governs,
        }
        return await QUERIES.put_filter(
            self._connection,
            id=filter_.id,
            person_id=filter_.person_id,
            name=filter_.name,
            shared=filter_.shared,
            filter=json.dumps(kept),
            at=at,
        )

    async def delete_filter(self, filter_id: UUID, person_id: UUID) -> bool:
        """See the port."""
        return await QUERIES.delete_filter(self._connection, id=filter_id, person_id=person_id) is not None

    async def add_bulk_edit(self, edit: BulkEdit) -> None:
        """See the port."""
        await QUERIES.add_bulk_edit(
            self._connection,
            id=edit.id,
            person_id=edit.person_id,
            person_name=edit.person_name,
            description=edit.description,
            at=edit.created_at,
        )
        if edit.items:
            await QUERIES.add_bulk_items(self._connection, [_row(edit.id, item) for item in edit.items])

    async def hold_bulk_edit(self, edit_id: UUID) -> BulkEdit | None:
        """See the port."""
        row = await QUERIES.hold_bulk_edit(self._connection, id=edit_id)
        if row is None:
            return None
        items = [_item(item) async for item in QUERIES.list_bulk_items(self._connection, id=edit_id)]
        return BulkEdit(**row, items=tuple(items))

    async def mark_undone(self, edit_id: UUID, at: datetime) -> None:
        """See the port."""
        await QUERIES.mark_undone(self._connection, id=edit_id, at=at)


def _row(edit_id: UUID, item: BulkItem) -> dict[str, Any]:
    row: dict[str, Any] = {
        "edit_id": edit_id,
        "decision_id": item.decision_id,
        "version_before": item.version_before,
        "version_after": item.version_after,
    }
    for when, upkeep in zip(("before", "after"), item.upkeep or (None, None), strict=True):
        row[f"owner_{when}"] = upkeep and upkeep.owner_id
        row[f"review_{when}"] = upkeep and upkeep.review_on
        row[f"months_{when}"] = upkeep and upkeep.every_months
    return row


def _item(row: Mapping[str, Any]) -> BulkItem:
    upkeep = None
    if row["months_before"] is not None:
        before = Upkeep(row["owner_before"], row["review_before"], row["months_before"])
        upkeep = before, Upkeep(row["owner_after"], row["review_after"], row["months_after"])
    return BulkItem(row["decision_id"], row["version_before"], row["version_after"], upkeep)
