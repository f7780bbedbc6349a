-- name: add_conversation!
insert into conversation (tenant_id, id, person_id, title, kind) values (app_tenant(), :id, app_person(), :title, :kind);

-- name: purge_conversations!
-- A deleted conversation can be brought back for a day.
delete from conversation where deleted_at < now() - interval '1 day';

-- name: touch_conversation$
update conversation set updated_at = now() where id = :id and deleted_at is null returning true;

-- name: list_conversations
-- Latest first, one page; the caller's own, or those that others share.
select c.id, c.title, c.created_at, c.updated_at, c.shared_at is not null as shared,
  c.person_id = (select app_person()) as mine, p.name as person_name
from conversation c join person p on p.tenant_id = c.tenant_id and p.id = c.person_id
where c.deleted_at is null and c.kind = 'ask'
  and case when :others then c.person_id <> (select app_person()) else c.person_id = (select app_person()) end
  and ((:after_at)::timestamptz is null or (c.updated_at, c.id) < ((:after_at)::timestamptz, (:after_id)::uuid))
  and ((:pattern)::text = '' or c.title ilike :pattern or exists (
    select from generation g
    where g.tenant_id = c.tenant_id and g.conversation_id = c.id and g.question ilike :pattern))
order by c.updated_at desc, c.id desc
limit :limit;

-- name: find_conversation^
select c.id, c.title, c.created_at, c.updated_at, c.shared_at is not null as shared,
  c.person_id = (select app_person()) as mine, p.name as person_name
from conversation c join person p on p.tenant_id = c.tenant_id and p.id = c.person_id
where c.id = :id and c.deleted_at is null;

-- name: rename_conversation$
update conversation set title = :title where id = :id and deleted_at is null returning true;

-- name: share_conversation$
update conversation set shared_at = case when :shared then coalesce(shared_at, now()) end
where id = :id and deleted_at is null and kind = 'ask' returning true;

-- name: delete_conversation$
update conversation set deleted_at = now() where id = :id and deleted_at is null returning true;

-- name: restore_conversation$
update conversation set deleted_at = null
where id = :id and deleted_at >= now() - interval '1 day' returning true;

-- name: add_generation!
insert into generation (tenant_id, id, conversation_id, person_id, question, model, extracts_only, log_ids, decision_ids,
  tags, as_of, after_id, language)
values (app_tenant(), :id, :conversation_id, app_person(), :question, :model, :extracts_only, :log_ids, :decision_ids,
  :tags, :as_of, :after_id, :language);

-- name: list_generations
-- The latest ones of a conversation. A process that lives says so every second.
select * from (
  select g.id, g.conversation_id, g.question, g.model, g.extracts_only, g.ended, g.last_sequence, g.created_at,
    g.heartbeat_at > now() - make_interval(secs => :alive_s) as alive, g.person_id = (select app_person()) as mine,
    g.after_id, g.log_ids, g.decision_ids, g.tags, g.as_of, g.language, g.stop_requested_at is not null as stop_requested,
    c.kind = 'draft' as draft
  from generation g join conversation c on c.tenant_id = g.tenant_id and c.id = g.conversation_id
  where g.conversation_id = :conversation_id and c.deleted_at is null
  order by created_at desc, id desc
  limit :limit
) latest order by created_at, id;

-- name: find_generation^
select g.id, g.conversation_id, g.question, g.model, g.extracts_only, g.ended, g.last_sequence, g.created_at,
  g.heartbeat_at > now() - make_interval(secs => :alive_s) as alive, g.person_id = (select app_person()) as mine,
  g.after_id, g.log_ids, g.decision_ids, g.tags, g.as_of, g.language, g.stop_requested_at is not null as stop_requested,
  c.kind = 'draft' as draft
from generation g join conversation c on c.tenant_id = g.tenant_id and c.id = g.conversation_id
where g.id = :id and c.deleted_at is null;

-- name: list_events
select generation_id, body from generation_event
where generation_id = any(:generation_ids) and sequence > :after_sequence
order by generation_id, sequence;

-- name: append_events^
-- The row lock makes one writer of the generation's process and whoever took it up; an older term is refused.
with advanced as (
  update generation
  set last_sequence = (:first)::bigint - 1 + cardinality((:bodies)::bytea[]), ended = :ended, heartbeat_at = now()
  where id = :id and not ended and term = :term and last_sequence = (:first)::bigint - 1
  returning stop_requested_at is not null as stop_requested,
    coalesce(watched_at > now() - make_interval(secs => :alive_s), false) as watched
), added as (
  insert into generation_event (tenant_id, generation_id, sequence, person_id, body)
  select app_tenant(), :id, (:first)::bigint + ordinality - 1, app_person(), body
  from unnest((:bodies)::bytea[]) with ordinality as given (body, ordinality)
  where exists (select from advanced)
)
select stop_requested, watched from advanced;

-- name: take_up_generation$
-- One of several servers gets it.
update generation set term = term + 1, heartbeat_at = now()
where id = :id and not ended and heartbeat_at <= now() - make_interval(secs => :alive_s)
returning term;

-- name: release_generation!
update generation set heartbeat_at = now() - make_interval(secs => :alive_s)
where id = :id and not ended and term = :term;

-- name: list_left_behind
-- Of every organisation, for a server that sees nothing else of them.
select tenant_id, person_id, id from generation
where not ended and heartbeat_at <= now() - make_interval(secs => :alive_s)
order by created_at desc
limit :limit;

-- name: request_stop$
update generation set stop_requested_at = coalesce(stop_requested_at, now()) where id = :id and not ended returning true;

-- name: watch_generation!
update generation set watched_at = now() where id = :id;

-- name: standings_at
-- How decisions stood at the end of a day; those that were not there yet are left out.
select d.id, v.version, v.title, v.status
from decision d
join lateral (
  select version, title, status from decision_version
  where tenant_id = d.tenant_id and decision_id = d.id
    and ((created_at at time zone 'UTC')::date <= :day::date or (version = 1 and decided_on <= :day::date))
  order by version desc limit 1) v on true
where d.tenant_id = (select app_tenant()) and d.id = any(:ids::uuid[]) and d.deleted_at is null;

-- name: find_by_name
-- The living decisions with that number or slug, or whose name as people write it is that; in these logs, or all.
select d.id from decision d join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
where d.tenant_id = (select app_tenant()) and d.deleted_at is null
  and (:log_ids::uuid[] = '{}' or d.log_id = any(:log_ids::uuid[]))
  and (d.slug = :slug or d.number = :number::int)
order by d.slug <> :slug, d.updated_at desc, d.id
limit 10;

-- name: list_versions_of
-- Versions of one decision, latest first: those numbers, or all.
select version, title, status, body, message, author_name, created_at
from decision_version
where tenant_id = (select app_tenant()) and decision_id = :id
  and (:numbers::int[] = '{}' or version = any(:numbers::int[]))
order by version desc
limit :limit;
