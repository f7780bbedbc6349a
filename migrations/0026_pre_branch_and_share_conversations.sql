-- Conversations can branch, be shared within the organisation and come back after they were deleted.

set local lock_timeout = '5s';
set local statement_timeout = '10min';

alter table conversation
  -- A draft's generations are kept like answers and listed nowhere.
  add column kind text not null default 'ask' check (kind in ('ask', 'draft')),
  add column shared_at timestamptz,
  add column deleted_at timestamptz;
create index conversation_shared on conversation (tenant_id, updated_at desc, id desc)
  where shared_at is not null and deleted_at is null;
create index conversation_deleted on conversation (deleted_at) where deleted_at is not null;

alter table generation
  -- The answer that this question follows; those with the same one are branches.
  add column after_id uuid,
  add column decision_ids uuid[] not null default '{}',
  add column tags text[] not null default '{}',
  add column as_of date;

-- Forced row-level security hides every organisation's rows from the owner too.
alter table generation no force row level security;
update generation set after_id = before.id
from (
  select tenant_id, id as next_id,
    lag(id) over (partition by tenant_id, conversation_id order by created_at, id) as id
  from generation
) before
where generation.tenant_id = before.tenant_id and generation.id = before.next_id and before.id is not null;
alter table generation force row level security;

-- What a person asks is theirs alone, until they share it; then others read it and change nothing.
drop policy own on conversation;
drop policy own on generation;
drop policy own on generation_event;

create policy own_or_shared on conversation as restrictive for select
  using (person_id = (select app_person()) or (shared_at is not null and deleted_at is null and kind = 'ask'));
create policy own_or_shared on generation as restrictive for select
  using (person_id = (select app_person()) or exists (
    select from conversation c
    where c.tenant_id = generation.tenant_id and c.id = generation.conversation_id and c.shared_at is not null
      and c.deleted_at is null));
create policy own_or_shared on generation_event as restrictive for select
  using (person_id = (select app_person()) or exists (
    select from generation g
    where g.tenant_id = generation_event.tenant_id and g.id = generation_event.generation_id));
do $$
declare
  name text;
begin
  foreach name in array array['conversation', 'generation', 'generation_event']
  loop
    execute format('create policy own_insert on %I as restrictive for insert with check (person_id = (select app_person()))', name);
    execute format('create policy own_update on %I as restrictive for update using (person_id = (select app_person())) with check (person_id = (select app_person()))', name);
    execute format('create policy own_delete on %I as restrictive for delete using (person_id = (select app_person()))', name);
  end loop;
end
$$;
