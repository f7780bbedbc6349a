-- Organisations, people, tokens, logs, decisions and their append-only versions, under row-level security.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create extension if not exists vector;

-- Roles are shared by a whole server, so another database may have made them already.
do $$
begin
  if not exists (select from pg_roles where rolname = 'cairn_app') then
    create role cairn_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
  if not exists (select from pg_roles where rolname = 'cairn_bus') then
    create role cairn_bus nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end
$$;

grant usage on schema public to cairn_app, cairn_bus;

-- Who is asking, as the transaction said it. After `set local` a setting reads '' rather than null.
create function app_tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant', true), '')::uuid;
create function app_person() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.person', true), '')::uuid;
create function app_reviews() returns boolean language sql stable parallel safe
  return coalesce(current_setting('app.role', true), '') in ('reviewer', 'maintainer', 'admin', 'system');

create table tenant (
  tenant_id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);

create table person (
  tenant_id uuid not null references tenant on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 200),
  email text not null default '',
  role text not null check (role in ('author', 'reviewer', 'maintainer', 'admin')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

-- A token is kept as the SHA-256 of its 256 random bits; the token itself is shown once.
create table api_token (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  name text not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references person (tenant_id, id) on delete cascade
);

create table log (
  tenant_id uuid not null references tenant on delete cascade,
  id uuid not null,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  name text not null check (length(name) between 1 and 200),
  prefix text not null check (prefix ~ '^[A-Za-z][A-Za-z0-9]{0,15}$'),
  next_number integer not null default 1,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, slug)
);

create table decision (
  tenant_id uuid not null,
  id uuid not null,
  log_id uuid not null,
  number integer check (number >= 0),
  slug text not null,
  author_id uuid not null,
  source_path text not null default '',
  -- The current version, repeated here so that lists need no join.
  version integer not null check (version > 0),
  title text not null,
  status text not null check (status in ('draft', 'proposed', 'accepted', 'rejected', 'deprecated', 'superseded')),
  decided_on date,
  deciders text[] not null default '{}',
  tags text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);
create index decision_by_number on decision (tenant_id, log_id, coalesce(number, 2147483647), id);
create index decision_by_update on decision (tenant_id, updated_at, id);
create index decision_by_title on decision (tenant_id, lower(title), id);
create index decision_by_slug on decision (tenant_id, slug);
create unique index decision_by_source on decision (tenant_id, log_id, source_path) where source_path <> '';

create table decision_version (
  tenant_id uuid not null,
  id uuid not null,
  decision_id uuid not null,
  version integer not null check (version > 0),
  title text not null,
  status text not null check (status in ('draft', 'proposed', 'accepted', 'rejected', 'deprecated', 'superseded')),
  status_text text not null default '',
  decided_on date,
  deciders text[] not null default '{}',
  tags text[] not null default '{}',
  body text not null,
  content_hash bytea not null check (length(content_hash) = 32),
  -- The file it was read from, byte for byte; null when it was written here.
  source bytea,
  author_id uuid not null,
  author_name text not null,
  message text not null default '',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, decision_id, version),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);

-- Links as the current version writes them. `target_id` is null until a record is found for `target`.
create table decision_link (
  tenant_id uuid not null,
  decision_id uuid not null,
  position integer not null,
  kind text not null check (kind in ('relates_to', 'supersedes', 'amends', 'depends_on', 'superseded_by', 'amended_by')),
  target text not null,
  target_id uuid,
  primary key (tenant_id, decision_id, position),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade,
  foreign key (tenant_id, target_id) references decision (tenant_id, id) on delete set null (target_id)
);
create index decision_link_by_target on decision_link (tenant_id, target_id);

-- A decision as lists show it. The reader's own row-level security applies.
create view decision_row with (security_invoker = true) as
select
  d.*,
  l.slug as log_slug,
  case when d.number is null then d.slug
       else l.prefix || '-' || lpad(d.number::text, greatest(4, length(d.number::text)), '0') end as ref
from decision d
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id;

create table import_run (
  tenant_id uuid not null,
  id uuid not null,
  log_id uuid not null,
  person_id uuid not null,
  source text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  links_resolved integer not null default 0,
  links_unresolved integer not null default 0,
  primary key (tenant_id, id),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

-- One row a file of an import. The bytes of records stand with their versions; those of the rest stand here.
create table import_file (
  tenant_id uuid not null,
  import_id uuid not null,
  path text not null,
  outcome text not null check (outcome in ('created', 'updated', 'unchanged', 'left_out', 'failed')),
  format text not null,
  message text not null default '',
  fields jsonb not null default '[]',
  decision_id uuid,
  source bytea,
  primary key (tenant_id, import_id, path),
  foreign key (tenant_id, import_id) references import_run (tenant_id, id) on delete cascade,
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete set null (decision_id)
);

-- Row-level security: enabled and forced, so that even the owner sees one tenant at a time.
do $$
declare
  name text;
begin
  foreach name in array array['tenant', 'person', 'api_token', 'log', 'decision', 'decision_version', 'decision_link',
                              'import_run', 'import_file']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
  end loop;
end
$$;

-- A draft is its author's, and those who review see it too.
create policy drafts on decision as restrictive for select
  using (status <> 'draft' or author_id = (select app_person()) or (select app_reviews()));
create policy drafts on decision_version as restrictive for select
  using (exists (select from decision d where d.tenant_id = decision_version.tenant_id and d.id = decision_id));

-- Authentication happens before the tenant is known: whoever holds a token's hash may read that one row.
create policy by_hash on api_token for select
  using (token_hash = (select decode(nullif(current_setting('app.token_hash', true), ''), 'hex')));

grant select, insert, update, delete on log, decision, decision_link, import_run, import_file, api_token, person to cairn_app;
grant select, insert, update, delete on tenant to cairn_app;
grant select on decision_row to cairn_app;
-- A version is never updated; it goes only when its decision is erased.
grant select, insert, delete on decision_version to cairn_app;
