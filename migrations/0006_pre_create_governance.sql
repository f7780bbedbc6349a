-- What decisions govern, and the tools that keep a log in order: components, filters, templates, bulk edits, old names.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- Path patterns as in a .gitignore, components by name, categories. The current version's stand with the decision too.
alter table decision_version
  add column applies_to text[] not null default '{}',
  add column components text[] not null default '{}',
  add column categories text[] not null default '{}';
alter table decision
  add column applies_to text[] not null default '{}',
  add column components text[] not null default '{}',
  add column categories text[] not null default '{}';
create index decision_that_binds on decision (tenant_id, log_id) where applies_to <> '{}' or components <> '{}';

-- The name of the template that new records of the log start from.
alter table log add column template text not null default 'madr' check (length(template) between 1 and 100);

-- A part of the system and the paths that belong to it, kept once for all decisions that name it.
create table component (
  tenant_id uuid not null,
  log_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  paths text[] not null,
  primary key (tenant_id, log_id, name),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

create table record_template (
  tenant_id uuid not null,
  log_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  description text not null default '' check (length(description) <= 500),
  body text not null check (length(body) <= 100000),
  updated_at timestamptz not null,
  primary key (tenant_id, log_id, name),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

-- A list's filter under a name: its owner's, or everybody's when shared.
create table saved_filter (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  shared boolean not null default false,
  filter jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, person_id, name),
  foreign key (tenant_id, person_id) references person (tenant_id, id) on delete cascade
);

-- A change of many records at once, and the versions it made, so that it can be undone.
create table bulk_edit (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  person_name text not null,
  description text not null,
  created_at timestamptz not null,
  undone_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id) references tenant on delete cascade
);
create table bulk_edit_item (
  tenant_id uuid not null,
  bulk_edit_id uuid not null,
  decision_id uuid not null,
  version_before integer not null check (version_before > 0),
  version_after integer not null check (version_after > version_before),
  primary key (tenant_id, bulk_edit_id, decision_id),
  foreign key (tenant_id, bulk_edit_id) references bulk_edit (tenant_id, id) on delete cascade,
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);
create index bulk_edit_item_by_decision on bulk_edit_item (tenant_id, decision_id);

-- What a decision was called before: file paths and numbers that still lead to it.
create table decision_former_name (
  tenant_id uuid not null,
  log_id uuid not null,
  name text not null check (length(name) between 1 and 1000),
  decision_id uuid not null,
  since timestamptz not null,
  primary key (tenant_id, log_id, name),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade,
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);
create index decision_former_name_by_decision on decision_former_name (tenant_id, decision_id);

-- Which commit of a repository a version came from, so that reading the history again adds only what is new.
create table decision_commit (
  tenant_id uuid not null,
  log_id uuid not null,
  commit_id text not null check (commit_id ~ '^[0-9a-f]{40,64}$'),
  path text not null,
  decision_id uuid not null,
  primary key (tenant_id, log_id, commit_id, path),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade,
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);
create index decision_commit_by_decision on decision_commit (tenant_id, decision_id);

do $$
declare
  name text;
begin
  foreach name in array array['component', 'record_template', 'saved_filter', 'bulk_edit', 'bulk_edit_item',
                              'decision_former_name', 'decision_commit']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
  end loop;
end
$$;

create policy own_or_shared on saved_filter as restrictive for select
  using (shared or person_id = (select app_person()));

grant select, insert, update, delete on component, record_template, saved_filter, bulk_edit, bulk_edit_item,
  decision_former_name, decision_commit to cairn_app;
