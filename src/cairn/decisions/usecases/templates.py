"""Templates of a log, and saved filters."""

from uuid import UUID

from cairn.decisions.domain.curation import (
    FILTERS_MOST,
    TEMPLATE_BODY_MOST,
    TEMPLATES_MOST,
    SavedFilter,
    Template,
)
from cairn.decisions.domain.scopes import check_names
from cairn.decisions.formats.templates import BUILTIN
from cairn.decisions.ports import Clock, DecisionStore
from cairn.decisions.ports.curation import CurationStore
from cairn.decisions.usecases.governance import require_log
from cairn.kernel.errors import InvalidArgument, NotFound
from cairn.kernel.phrases import Phrase

DESCRIPTION_MOST = 500
FILTER_VALUES_MOST = 100
FILTER_TEXT_MOST = 1000


async def list_templates(store: DecisionStore, curation: CurationStore, *, log_id: UUID) -> tuple[list[Template], str]:
    """Return the templates of a log, Cairn's first, and the name of the chosen one."""
    await require_log(store, log_id)
    own = {template.name: template for template in await curation.list_templates(log_id)}
    brought = [Template(name, told, body, builtin=True) for name, (told, body) in BUILTIN.items() if name not in own]
    return [*brought, *own.values()], await curation.get_chosen_template(log_id)


async def save_template(
    store: DecisionStore, curation: CurationStore, clock: Clock, *, log_id: UUID, template: Template, choose: bool
) -> Template:
    """Add a template or change one; without a body only choose the one of that name. Raises `NotFound`."""
    known, _ = await list_templates(store, curation, log_id=log_id)
    [name] = check_names((template.name,), field="name") or ("",)
    if not name:
        raise InvalidArgument(Phrase("template_unnamed", "A template needs a name."), field="name")
    if template.body.strip():
        saved = Template(name, " ".join(template.description.split()), template.body.replace("\r\n", "\n"))
        if len(saved.body) > TEMPLATE_BODY_MOST or len(saved.description) > DESCRIPTION_MOST or "\x00" in saved.body:
            message = Phrase(
                "template_long", "A template has at most {most} characters and no NUL.", most=TEMPLATE_BODY_MOST
            )
            raise InvalidArgument(message, field="body")
        if len(known) >= TEMPLATES_MOST and name not in {other.name for other in known}:
            raise InvalidArgument(
                Phrase("templates_many", "A log has at most {most} templates.", most=TEMPLATES_MOST), field="name"
            )
        await curation.put_template(log_id, saved, clock())
    else:
        found = [other for other in known if other.name == name]
        if not found:
            raise NotFound(Phrase("no_template", "There is no template '{name}' in this log.", name=name), field="name")
        saved = found[0]
    if choose:
        await curation.choose_template(log_id, name)
    return saved


async def delete_template(store: DecisionStore, curation: CurationStore, *, log_id: UUID, name: str) -> None:
    """Remove a log's own template. If it was the chosen one, MADR is again. Raises `NotFound`."""
    await require_log(store, log_id)
    if not await curation.delete_template(log_id, name):
        raise NotFound(f"This log has no template {name[:60]!r} of its own.", field="name")
    if await curation.get_chosen_template(log_id) == name and name not in BUILTIN:
        await curation.choose_template(log_id, "madr")


async def save_filter(curation: CurationStore, clock: Clock, filter_: SavedFilter) -> UUID:
    """Keep a filter under a name. Returns its id."""
    if not check_names((filter_.name,), field="name"):
        raise InvalidArgument(Phrase("view_unnamed", "A filter needs a name."), field="name")
    values = [*filter_.log_slugs, *filter_.tags, *map(str, filter_.owner_ids), filter_.text]
    if len(values) > FILTER_VALUES_MOST or any(len(v) > FILTER_TEXT_MOST or "\x00" in v for v in values):
        raise InvalidArgument(
            Phrase("view_large", "A filter has at most {most} values, none with a NUL.", most=FILTER_VALUES_MOST),
            field="filter",
        )
    own = [kept for kept in await curation.list_filters() if kept.person_id == filter_.person_id]
    if len(own) >= FILTERS_MOST and filter_.name not in {kept.name for kept in own}:
        raise InvalidArgument(
            Phrase("views_many", "A person has at most {most} filters.", most=FILTERS_MOST), field="name"
        )
    return await curation.put_filter(filter_, clock())


async def delete_filter(curation: CurationStore, *, filter_id: UUID, person_id: UUID) -> None:
    """Remove one's own filter. Raises `NotFound`."""
    if not await curation.delete_filter(filter_id, person_id):
        raise NotFound(Phrase("no_view", "There is no filter of yours with this id."), field="id")
