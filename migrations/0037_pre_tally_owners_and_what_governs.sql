-- How many decisions each person looks after, and how many govern paths or components, by log and status, kept as they
-- change. Changes and sums are rows of one kind, only ever added by those who change decisions; the worker adds them up.

set local lock_timeout = '5s';
set local statement_timeout = '10min';

-- `owner_id` is the nil UUID where what is counted governs something. Drafts are counted by author: nobody else may know
-- of them.
create table decision_facet_tally (
  tenant_id uuid not null,
  id bigint generated always as identity,
  facet text not null check (facet in ('owner', 'governs')),
  owner_id uuid not null,
  log_id uuid not null,
  status text not null,
  draft_author uuid not null,
  count bigint not null,
  primary key (tenant_id, id)
);

create function change_facet_tally(d decision, facet text, owner_id uuid, by_count integer) returns void language sql as $$
  insert into decision_facet_tally (tenant_id, facet, owner_id, log_id, status, draft_author, count)
  values (d.tenant_id, facet, owner_id, d.log_id, d.status,
    case when d.status = 'draft' then d.author_id else '00000000-0000-0000-0000-000000000000' end, by_count);
$$;

create function change_facet_tallies(d decision, by_count integer) returns void language plpgsql as $$
declare
  owner uuid;
begin
  if d.deleted_at is not null then
    return;
  end if;
  if d.applies_to <> '{}' or d.components <> '{}' then
    perform change_facet_tally(d, 'governs', '00000000-0000-0000-0000-000000000000', by_count);
  end if;
  select c.owner_id into owner from decision_care c where c.tenant_id = d.tenant_id and c.decision_id = d.id;
  if owner is not null then
    perform change_facet_tally(d, 'owner', owner, by_count);
  end if;
end
$$;

create function tally_decision_facets() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform change_facet_tallies(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform change_facet_tallies(new, 1);
    return new;
  end if;
  return old;
end
$$;

create function tally_owner() returns trigger language plpgsql as $$
declare
  d decision;
begin
  -- One that is being removed is counted out by its own trigger, before this row goes with it.
  select * into d from decision where tenant_id = coalesce(new.tenant_id, old.tenant_id)
    and id = coalesce(new.decision_id, old.decision_id) and deleted_at is null;
  if not found then
    return null;
  end if;
  if tg_op <> 'INSERT' and old.owner_id is not null then
    perform change_facet_tally(d, 'owner', old.owner_id, -1);
  end if;
  if tg_op <> 'DELETE' and new.owner_id is not null then
    perform change_facet_tally(d, 'owner', new.owner_id, 1);
  end if;
  return null;
end
$$;

create trigger tally_decision_facets after insert on decision
  for each row when (new.applies_to <> '{}' or new.components <> '{}') execute function tally_decision_facets();
create trigger tally_changed_decision_facets after update on decision
  for each row when ((old.log_id, old.status, old.author_id, old.deleted_at is null,
      old.applies_to <> '{}' or old.components <> '{}')
    is distinct from (new.log_id, new.status, new.author_id, new.deleted_at is null,
      new.applies_to <> '{}' or new.components <> '{}'))
  execute function tally_decision_facets();
create trigger tally_removed_decision_facets before delete on decision
  for each row execute function tally_decision_facets();
create trigger tally_owner after insert or delete on decision_care
  for each row execute function tally_owner();
create trigger tally_changed_owner after update on decision_care
  for each row when (old.owner_id is distinct from new.owner_id) execute function tally_owner();

-- Forced row-level security hides every organisation's rows from the owner too.
alter table decision no force row level security;
alter table decision_care no force row level security;
insert into decision_facet_tally (tenant_id, facet, owner_id, log_id, status, draft_author, count)
select d.tenant_id, f.facet, f.owner_id, d.log_id, d.status,
  case when d.status = 'draft' then d.author_id else '00000000-0000-0000-0000-000000000000' end, count(*)
from decision d
left join decision_care c on c.tenant_id = d.tenant_id and c.decision_id = d.id,
lateral (
  select 'owner' as facet, c.owner_id where c.owner_id is not null
  union all
  select 'governs', '00000000-0000-0000-0000-000000000000' where d.applies_to <> '{}' or d.components <> '{}'
) f
where d.deleted_at is null
group by 1, 2, 3, 4, 5, 6;
alter table decision force row level security;
alter table decision_care force row level security;

alter table decision_facet_tally enable row level security;
alter table decision_facet_tally force row level security;
create policy tenant_only on decision_facet_tally using (tenant_id = (select app_tenant()))
  with check (tenant_id = (select app_tenant()));
create policy drafts on decision_facet_tally as restrictive for select
  using (status <> 'draft' or draft_author = (select app_person()) or (select app_reviews()));

grant select, insert, delete on decision_facet_tally to cairn_app;
