-- Model calls, one row an attempt; what each person and organisation may spend, and what they have; more kinds of provider.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table provider drop constraint provider_kind_check;
alter table provider add constraint provider_kind_check
  check (kind in ('anthropic', 'openai', 'openai_compatible', 'gemini', 'azure_openai'));

-- Money is in millionths of a US dollar. No row holds a word of what was asked or answered.
create table model_call (
  tenant_id uuid not null references tenant on delete cascade,
  id uuid not null,
  call_id uuid not null,
  attempt smallint not null check (attempt > 0),
  person_id uuid not null,
  started_at timestamptz not null,
  endpoint text not null,
  asked_model text not null,
  provider text not null,
  model text not null,
  -- `lost`: its process ended before it could say how the call went.
  outcome text not null check (outcome in ('completed', 'failed', 'failed_over', 'aborted', 'refused', 'lost', 'cached')),
  failure text not null default '',
  -- True when the provider did not count, and we did.
  estimated boolean not null,
  input_tokens bigint not null check (input_tokens >= 0),
  output_tokens bigint not null check (output_tokens >= 0),
  cached_input_tokens bigint not null default 0,
  cost_micros bigint not null check (cost_micros >= 0),
  first_token_ms integer,
  duration_ms integer not null,
  primary key (tenant_id, id)
);
create index model_call_by_time on model_call (tenant_id, started_at);
create index model_call_by_person on model_call (tenant_id, person_id, started_at);

-- What may be spent. `subject` is the organisation, a person, or nil for each person without a rule of their own; a limit
-- that is null is as the subject above it has it.
create table spending_rule (
  tenant_id uuid not null references tenant on delete cascade,
  subject uuid not null,
  budget_micros bigint check (budget_micros >= 0),
  -- A soft budget is alerted on and ends at 110 %; a hard one at 100 %.
  soft boolean not null default false,
  requests_per_minute bigint check (requests_per_minute >= 0),
  streams bigint check (streams >= 0),
  tokens_per_day bigint check (tokens_per_day >= 0),
  first_day_requests bigint check (first_day_requests >= 0),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, subject)
);

-- What has been spent of one limit in one window, and what processes hold of it in advance.
create table allowance (
  tenant_id uuid not null references tenant on delete cascade,
  kind text not null check (kind in ('requests', 'first_day', 'streams', 'tokens', 'money')),
  subject uuid not null,
  window_start timestamptz not null,
  spent bigint not null default 0 check (spent >= 0),
  leased bigint not null default 0 check (leased >= 0),
  primary key (tenant_id, kind, subject, window_start)
);

create table allowance_lease (
  tenant_id uuid not null,
  kind text not null,
  subject uuid not null,
  window_start timestamptz not null,
  holder uuid not null,
  amount bigint not null check (amount >= 0),
  expires_at timestamptz not null,
  primary key (tenant_id, kind, subject, window_start, holder),
  foreign key (tenant_id, kind, subject, window_start) references allowance (tenant_id, kind, subject, window_start)
    on delete cascade
);
create index allowance_lease_by_holder on allowance_lease (tenant_id, holder);

-- Alerts, stops and who lifted them; never changed.
create table spending_event (
  tenant_id uuid not null references tenant on delete cascade,
  id uuid not null default uuidv7(),
  at timestamptz not null default now(),
  kind text not null check (kind in ('alert', 'stopped', 'resumed', 'rule_changed')),
  subject uuid not null,
  window_start timestamptz,
  level smallint,
  person_id uuid,
  detail text not null default '' check (length(detail) <= 500),
  primary key (tenant_id, id)
);
create unique index spending_event_once on spending_event (tenant_id, subject, window_start, level) where kind = 'alert';

-- Whether an organisation's calls are stopped. An override lets them through until then, whatever the budget says.
create table spending_stop (
  tenant_id uuid primary key references tenant on delete cascade,
  stopped_at timestamptz,
  override_until timestamptz
);

do $$
declare
  name text;
begin
  foreach name in array array['model_call', 'spending_rule', 'allowance', 'allowance_lease', 'spending_event', 'spending_stop']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
  end loop;
end
$$;

-- What a person has used is theirs to see, and their admins'.
create policy own on model_call as restrictive for select
  using (person_id = (select app_person()) or (select coalesce(current_setting('app.role', true), '') in ('admin', 'system')));

-- Takes `need` of a limit and a share of what is left beside it, or 0 when not even `need` is left. Holders that have died are
-- taken to have spent what they held: to forget it could pass the limit. Streams end with their process.
create function lease_allowance(
  p_kind text, p_subject uuid, p_window timestamptz, p_holder uuid, p_limit bigint, p_need bigint, p_seconds integer
) returns bigint language plpgsql as $$
declare
  v_spent bigint;
  v_leased bigint;
  v_dead bigint;
  v_left bigint;
  v_granted bigint;
begin
  insert into allowance (tenant_id, kind, subject, window_start) values (app_tenant(), p_kind, p_subject, p_window)
    on conflict do nothing;
  select spent, leased into v_spent, v_leased from allowance
    where kind = p_kind and subject = p_subject and window_start = p_window for update;
  with gone as (
    delete from allowance_lease
    where kind = p_kind and subject = p_subject and window_start = p_window and expires_at < now() and holder <> p_holder
    returning amount
  ) select coalesce(sum(amount), 0) into v_dead from gone;
  v_leased := v_leased - v_dead;
  if p_kind <> 'streams' then
    v_spent := v_spent + v_dead;
  end if;
  if v_dead > 0 and p_kind = 'money' and p_subject = app_tenant() then
    insert into model_call (tenant_id, id, call_id, attempt, person_id, started_at, endpoint, asked_model, provider, model,
                            outcome, estimated, input_tokens, output_tokens, cost_micros, duration_ms)
    values (app_tenant(), uuidv7(), uuidv7(), 1, '00000000-0000-0000-0000-000000000000', now(), '', '', '', '',
            'lost', true, 0, 0, v_dead, 0);
  end if;
  v_left := p_limit - v_spent - v_leased;
  v_granted := case when v_left >= p_need then greatest(p_need, least(v_left / 16, p_need * 16)) else 0 end;
  update allowance set spent = v_spent, leased = v_leased + v_granted
    where kind = p_kind and subject = p_subject and window_start = p_window;
  if v_granted > 0 then
    insert into allowance_lease as l (tenant_id, kind, subject, window_start, holder, amount, expires_at)
    values (app_tenant(), p_kind, p_subject, p_window, p_holder, v_granted, now() + make_interval(secs => p_seconds))
    on conflict (tenant_id, kind, subject, window_start, holder)
      do update set amount = l.amount + excluded.amount, expires_at = excluded.expires_at;
  end if;
  return v_granted;
end
$$;

-- Books what a holder has spent, and gives back the rest of what it no longer holds. What was leased and is not there any
-- more counted as spent when the lease ran out; only what goes beyond it is added.
create function settle_allowance(
  p_kind text, p_subject uuid, p_window timestamptz, p_holder uuid, p_spent bigint, p_unleased bigint
) returns bigint language plpgsql as $$
declare
  v_held bigint;
  v_spent bigint;
begin
  insert into allowance (tenant_id, kind, subject, window_start) values (app_tenant(), p_kind, p_subject, p_window)
    on conflict do nothing;
  perform from allowance where kind = p_kind and subject = p_subject and window_start = p_window for update;
  select amount into v_held from allowance_lease
    where kind = p_kind and subject = p_subject and window_start = p_window and holder = p_holder;
  if v_held is null then
    p_spent := greatest(0, p_spent - p_unleased);
    p_unleased := 0;
  else
    p_unleased := least(p_unleased, v_held);
    update allowance_lease set amount = amount - p_unleased
      where kind = p_kind and subject = p_subject and window_start = p_window and holder = p_holder;
  end if;
  update allowance set spent = spent + p_spent, leased = leased - p_unleased
    where kind = p_kind and subject = p_subject and window_start = p_window
    returning spent into v_spent;
  return v_spent;
end
$$;

grant select, insert on model_call, spending_event to cairn_app;
grant select, insert, update, delete on spending_rule, spending_stop, allowance, allowance_lease to cairn_app;
