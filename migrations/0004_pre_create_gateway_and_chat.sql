-- Providers of language models with their sealed keys; conversations, and generations as append-only logs of events.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create table provider (
  tenant_id uuid not null references tenant on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('anthropic', 'openai', 'openai_compatible')),
  name text not null check (name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  base_url text not null default '' check (length(base_url) <= 2000),
  models text[] not null check (cardinality(models) between 1 and 100),
  -- Sealed by the master key, which is not in the database; null when the provider needs none.
  sealed_key bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table conversation (
  tenant_id uuid not null,
  id uuid not null,
  person_id uuid not null,
  title text not null check (length(title) between 1 and 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references person (tenant_id, id) on delete cascade
);
create index conversation_by_update on conversation (tenant_id, person_id, updated_at desc, id desc);

create table generation (
  tenant_id uuid not null,
  id uuid not null,
  conversation_id uuid not null,
  person_id uuid not null,
  question text not null check (length(question) between 1 and 8000),
  model text not null,
  extracts_only boolean not null,
  log_ids uuid[] not null default '{}',
  -- Running while its process says so: a heartbeat that stays away means that the process is gone.
  ended boolean not null default false,
  heartbeat_at timestamptz not null default now(),
  stop_requested_at timestamptz,
  -- When a follower in another process last said that it is there.
  watched_at timestamptz,
  last_sequence bigint not null default 0,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id) on delete cascade
);
create index generation_by_conversation on generation (tenant_id, conversation_id, created_at);

-- `body` is the event as the wire schema encodes it, so that every replay is the same byte for byte.
create table generation_event (
  tenant_id uuid not null,
  generation_id uuid not null,
  sequence bigint not null check (sequence > 0),
  person_id uuid not null,
  body bytea not null check (length(body) <= 1048576),
  primary key (tenant_id, generation_id, sequence),
  foreign key (tenant_id, generation_id) references generation (tenant_id, id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['provider', 'conversation', 'generation', 'generation_event']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
  end loop;
  -- What a person asks is theirs alone: no role in the organisation reads it.
  foreach name in array array['conversation', 'generation', 'generation_event']
  loop
    execute format('create policy own on %I as restrictive using (person_id = (select app_person())) with check (person_id = (select app_person()))', name);
  end loop;
end
$$;

grant select, insert, update, delete on provider, conversation, generation to cairn_app;
-- An event is never changed; it goes only with its conversation.
grant select, insert, delete on generation_event to cairn_app;
