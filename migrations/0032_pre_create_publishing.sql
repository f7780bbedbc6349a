-- What readers without an account may see: logs with an address, and the version of each record that they are shown.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create table public_log (
  tenant_id uuid not null,
  log_id uuid not null,
  -- Where its pages stand. Addresses are public, so they are one space for all organisations.
  address text not null unique check (address ~ '^[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?$'),
  -- Every record is public in the last version that was decided; otherwise only those that were chosen are.
  whole boolean not null,
  -- Whether search engines are invited.
  indexed boolean not null,
  published_at timestamptz not null,
  -- Kept for who takes the withdrawal back; nobody reads what is withdrawn.
  withdrawn_at timestamptz,
  primary key (tenant_id, log_id),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

create table public_decision (
  tenant_id uuid not null,
  decision_id uuid not null,
  -- The one version that readers see; null keeps the record back, also where its log is public as a whole.
  version integer check (version > 0),
  published_at timestamptz not null,
  primary key (tenant_id, decision_id),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['public_log', 'public_decision']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
  end loop;
end
$$;

-- A reader comes with an address and no organisation: the addresses that are public lead to it.
create policy by_reader on public_log for select
  using ((select current_setting('app.role', true)) = 'public' and withdrawn_at is null);

-- What readers see of each record. Nothing that is shown to them may come from anywhere else.
create view public_record with (security_invoker = true) as
select d.tenant_id, d.log_id, d.id, d.number, d.slug, d.ref, d.prefix, v.version, v.title, v.status, v.decided_on,
  v.deciders, v.tags, v.body, v.content_hash, v.created_at as written_at,
  greatest(coalesce(c.published_at, p.published_at), v.created_at) as published_at,
  -- Links and relations belong to the current text: those of a later one are nobody's business.
  v.version = d.version as current,
  d.number is not null and exists (
    select from decision o
    where o.tenant_id = d.tenant_id and o.log_id = d.log_id and o.number = d.number and o.prefix = d.prefix
      and o.id <> d.id and o.deleted_at is null
  ) as doubled
from public_log p
join decision_row d on d.tenant_id = p.tenant_id and d.log_id = p.log_id and d.deleted_at is null
  and d.status <> 'draft'
left join public_decision c on c.tenant_id = d.tenant_id and c.decision_id = d.id
join lateral (
  select w.*
  from decision_version w
  where w.tenant_id = d.tenant_id and w.decision_id = d.id and w.status <> 'draft'
    and case when c.decision_id is not null then w.version = c.version
             else p.whole and w.status in ('accepted', 'rejected', 'deprecated', 'superseded') end
  order by w.version desc
  limit 1
) v on true
where p.withdrawn_at is null;

grant select, insert, update, delete on public_log, public_decision to cairn_app;
grant select on public_record to cairn_app;
