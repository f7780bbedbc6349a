-- How many decisions there are by log, status and tag, kept as they change: counting 100,000 of them takes too long for a
-- page that somebody waits for. A change that touches neither status nor tags, as most do not, writes nothing here.

set local lock_timeout = '5s';
set local statement_timeout = '10min';

-- `tag` is '' where the decision itself is counted. Drafts are counted by author: nobody else may know of them.
create table decision_tally (
  tenant_id uuid not null,
  log_id uuid not null,
  status text not null,
  tag text not null,
  draft_author uuid not null,
  count bigint not null,
  primary key (tenant_id, log_id, status, tag, draft_author)
);

-- Changes of the tally, only ever added by those who change decisions, so that nobody waits for another's commit. The
-- worker adds them up.
create table decision_tally_change (
  tenant_id uuid not null,
  id bigint generated always as identity,
  log_id uuid not null,
  status text not null,
  tag text not null,
  draft_author uuid not null,
  count bigint not null,
  primary key (tenant_id, id)
);

create function change_tally(d decision, by_count integer) returns void language sql as $$
  insert into decision_tally_change (tenant_id, log_id, status, tag, draft_author, count)
  select d.tenant_id, d.log_id, d.status, counted.tag,
    case when d.status = 'draft' then d.author_id else '00000000-0000-0000-0000-000000000000' end, by_count
  from (select '' as tag union all select distinct tag from unnest(d.tags) as tag where tag <> '') counted;
$$;

create function tally_decision() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.deleted_at is null then
    perform change_tally(old, -1);
  end if;
  if tg_op <> 'DELETE' and new.deleted_at is null then
    perform change_tally(new, 1);
  end if;
  return null;
end
$$;

create trigger tally_decision after insert or delete on decision
  for each row execute function tally_decision();
create trigger tally_changed_decision after update on decision
  for each row when ((old.log_id, old.status, old.tags, old.author_id, old.deleted_at is null)
    is distinct from (new.log_id, new.status, new.tags, new.author_id, new.deleted_at is null))
  execute function tally_decision();

-- Forced row-level security hides every organisation's rows from the owner too.
alter table decision no force row level security;
insert into decision_tally (tenant_id, log_id, status, tag, draft_author, count)
select d.tenant_id, d.log_id, d.status, counted.tag,
  case when d.status = 'draft' then d.author_id else '00000000-0000-0000-0000-000000000000' end, count(*)
from decision d, lateral (select '' as tag union all select distinct tag from unnest(d.tags) as tag where tag <> '') counted
where d.deleted_at is null
group by 1, 2, 3, 4, 5;
alter table decision force row level security;

do $$
declare
  name text;
begin
  foreach name in array array['decision_tally', 'decision_tally_change'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
    execute format('create policy drafts on %I as restrictive for select using (status <> ''draft'' or draft_author = (select app_person()) or (select app_reviews()))', name);
  end loop;
end
$$;

grant select, insert, update, delete on decision_tally, decision_tally_change to cairn_app;
