-- The outbox, the event log behind the bus, and where each consumer group stands in it.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- Facts as their transactions wrote them, not yet in order. A writer takes no lock here that another writer waits for:
-- a per-tenant counter held until commit would queue every writer of a tenant behind each disk flush.
create table outbox (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenant on delete cascade,
  type text not null check (length(type) between 1 and 100),
  key text not null check (length(key) between 1 and 200),
  payload jsonb not null check (jsonb_typeof(payload) = 'object'),
  created_at timestamptz not null default now()
);

-- The log: the relay moves committed outbox rows here and numbers them, densely for each tenant.
create table event_head (
  tenant_id uuid primary key references tenant on delete cascade,
  position bigint not null check (position > 0)
);

create table event (
  tenant_id uuid not null references event_head on delete cascade,
  position bigint not null,
  type text not null,
  key text not null,
  payload jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, position)
);
create index event_by_key on event (tenant_id, key, position);

-- How far a group has come. `deliveries` counts the starts since it last advanced, so that an event that kills its
-- worker is found; up to `careful_until` such a group takes one event at a time.
create table consumer_offset (
  tenant_id uuid not null references event_head on delete cascade,
  group_name text not null,
  position bigint not null default 0 check (position >= 0),
  deliveries integer not null default 0,
  careful_until bigint not null default 0,
  primary key (tenant_id, group_name)
);

-- Events a group could not handle, and those of the same key that wait behind them (due at infinity). A dead one waits
-- for a person.
create table parked_event (
  tenant_id uuid not null,
  group_name text not null,
  position bigint not null,
  key text not null,
  attempts integer not null,
  due_at timestamptz not null,
  error text not null default '',
  dead boolean not null default false,
  primary key (tenant_id, group_name, position),
  foreign key (tenant_id, position) references event on delete cascade
);
create index parked_event_by_key on parked_event (tenant_id, group_name, key, position) where not dead;
create index parked_event_by_due on parked_event (group_name, due_at) where not dead;

-- Every tenant sees its own rows; the bus, which no request runs as, sees all of them.
do $$
declare
  name text;
begin
  foreach name in array array['outbox', 'event_head', 'event', 'consumer_offset', 'parked_event']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
    execute format('create policy bus on %I to cairn_bus using (true) with check (true)', name);
  end loop;
end
$$;

-- A request writes facts and can never take one back.
grant insert on outbox to cairn_app;
grant select, delete on outbox to cairn_bus;
grant select, insert, update on event_head to cairn_bus;
grant select, insert, delete on event to cairn_bus;
grant select, insert, update on consumer_offset to cairn_bus;
grant select, insert, update, delete on parked_event to cairn_bus;
