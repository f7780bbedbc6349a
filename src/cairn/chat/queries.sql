-- name: add_conversation!
insert into conversation (tenant_id, id, person_id, title) values (app_tenant(), :id, app_person(), :title);

-- name: touch_conversation$
update conversation set updated_at = now() where id = :id returning true;

-- name: list_conversations
-- Latest first, one page.
select id, title, created_at, updated_at from conversation
where (:after_at)::timestamptz is null or (updated_at, id) < ((:after_at)::timestamptz, (:after_id)::uuid)
order by updated_at desc, id desc
limit :limit;

-- name: find_conversation^
select id, title, created_at, updated_at from conversation where id = :id;

-- name: delete_conversation$
delete from conversation where id = :id returning true;

-- name: add_generation!
insert into generation (tenant_id, id, conversation_id, person_id, question, model, extracts_only, log_ids)
values (app_tenant(), :id, :conversation_id, app_person(), :question, :model, :extracts_only, :log_ids);

-- name: list_generations
-- The latest ones of a conversation. A process that lives says so every two seconds.
select * from (
  select id, conversation_id, question, model, extracts_only, ended, last_sequence, created_at,
    heartbeat_at > now() - make_interval(secs => :alive_s) as alive
  from generation where conversation_id = :conversation_id
  order by created_at desc, id desc
  limit :limit
) latest order by created_at, id;

-- name: find_generation^
select id, conversation_id, question, model, extracts_only, ended, last_sequence, created_at,
  heartbeat_at > now() - make_interval(secs => :alive_s) as alive
from generation where id = :id;

-- name: list_events
select generation_id, body from generation_event
where generation_id = any(:generation_ids) and sequence > :after_sequence
order by generation_id, sequence;

-- name: advance_generation^
-- The row lock makes one writer of the generation's process and whoever declares that process dead.
update generation
set last_sequence = :last_sequence, ended = :ended, heartbeat_at = now()
where id = :id and not ended and last_sequence = :before
returning stop_requested_at is not null as stop_requested,
  coalesce(watched_at > now() - make_interval(secs => :alive_s), false) as watched;

-- name: add_events!
insert into generation_event (tenant_id, generation_id, sequence, person_id, body)
select app_tenant(), :generation_id, (:first)::bigint + ordinality - 1, app_person(), body
from unnest((:bodies)::bytea[]) with ordinality as given (body, ordinality);

-- name: request_stop$
update generation set stop_requested_at = coalesce(stop_requested_at, now()) where id = :id and not ended returning true;

-- name: watch_generation!
update generation set watched_at = now() where id = :id;
