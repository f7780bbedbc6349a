-- name: fetch_providers
-- Every provider with its sealed key, the oldest first.
select id, kind, name, base_url, models, sealed_key from provider order by created_at, id;

-- name: fetch_provider^
select id, kind, name, base_url, models, sealed_key from provider where id = :id;

-- name: is_name_taken$
-- Whether another provider has the name.
select exists (select from provider where name = :name and id <> :id);

-- name: save_provider!
-- Adds a provider or replaces all of it.
insert into provider (tenant_id, id, kind, name, base_url, models, sealed_key)
values (app_tenant(), :id, :kind, :name, :base_url, :models, :sealed_key)
on conflict (tenant_id, id) do update
set kind = excluded.kind, name = excluded.name, base_url = excluded.base_url, models = excluded.models,
  sealed_key = excluded.sealed_key, updated_at = now();

-- name: delete_provider$
delete from provider where id = :id returning true;

-- name: lease_allowance$
select lease_allowance(:kind, :subject, :window_start, :holder, :limit, :need, :seconds);

-- name: settle_allowance$
-- Returns what has been spent in all.
select settle_allowance(:kind, :subject, :window_start, :holder, :spent, :unleased);

-- name: renew_leases!
update allowance_lease set expires_at = now() + make_interval(secs => :seconds) where holder = :holder;

-- name: add_calls!
-- Rows of calls, as one JSON array.
insert into model_call (
  tenant_id, id, call_id, attempt, person_id, started_at, endpoint, asked_model, provider, model, outcome, failure,
  estimated, input_tokens, output_tokens, cached_input_tokens, cost_micros, first_token_ms, duration_ms, continued
)
select app_tenant(), c.id, c.call_id, c.attempt, c.person_id, c.started_at, c.endpoint, c.asked_model, c.provider, c.model,
  c.outcome, c.failure, c.estimated, c.input_tokens, c.output_tokens, c.cached_input_tokens, c.cost_micros, c.first_token_ms,
  c.duration_ms, c.continued
from jsonb_to_recordset(:calls::jsonb) as c (
  id uuid, call_id uuid, attempt smallint, person_id uuid, started_at timestamptz, endpoint text, asked_model text,
  provider text, model text, outcome text, failure text, estimated boolean, input_tokens bigint, output_tokens bigint,
  cached_input_tokens bigint, cost_micros bigint, first_token_ms integer, duration_ms integer,
  continued boolean
)
on conflict (tenant_id, id) do nothing;

-- name: fetch_rules
select subject, budget_micros, soft, requests_per_minute, streams, tokens_per_day, first_day_requests from spending_rule;

-- name: fetch_stop^
select stopped_at, override_until from spending_stop;

-- name: fetch_joined_at$
select created_at from person where id = :person_id;

-- name: add_alert!
-- Once for each level in a window.
insert into spending_event (tenant_id, kind, subject, window_start, level, detail)
values (app_tenant(), 'alert', :subject, :window_start, :level, :detail)
on conflict (tenant_id, subject, window_start, level) where kind = 'alert' do nothing;

-- name: stop_calls$
-- Stops the organisation's calls, unless they are stopped or an admin has lifted the budget. Returns whether it did.
insert into spending_stop (tenant_id, stopped_at) values (app_tenant(), now())
on conflict (tenant_id) do update set stopped_at = now()
where spending_stop.stopped_at is null and coalesce(spending_stop.override_until, '-infinity') < now()
returning true;

-- name: resume_calls!
insert into spending_stop (tenant_id, override_until) values (app_tenant(), :override_until)
on conflict (tenant_id) do update set stopped_at = null, override_until = excluded.override_until;

-- name: add_spending_event!
insert into spending_event (tenant_id, kind, subject, person_id, detail)
values (app_tenant(), :kind, :subject, :person_id, :detail);

-- name: save_rule!
insert into spending_rule (tenant_id, subject, budget_micros, soft, requests_per_minute, streams, tokens_per_day,
                           first_day_requests)
values (app_tenant(), :subject, :budget_micros, :soft, :requests_per_minute, :streams, :tokens_per_day, :first_day_requests)
on conflict (tenant_id, subject) do update
set budget_micros = excluded.budget_micros, soft = excluded.soft, requests_per_minute = excluded.requests_per_minute,
  streams = excluded.streams, tokens_per_day = excluded.tokens_per_day, first_day_requests = excluded.first_day_requests,
  updated_at = now();

-- name: list_events
select at, kind, subject, level, person_id, detail from spending_event order by at desc, id desc limit :limit;

-- name: fetch_spent$
select coalesce(sum(spent), 0)::bigint from allowance
where kind = :kind and subject = :subject and window_start = :window_start;

-- name: sum_calls
-- Calls since a time, by what `by` names.
select
  case :by when 'day' then to_char(started_at at time zone 'UTC', 'YYYY-MM-DD')
           when 'person' then coalesce((select name from person p where p.id = c.person_id), '')
           when 'model' then c.provider || '/' || c.model
           else c.outcome end as name,
  count(*)::bigint as calls,
  count(*) filter (where estimated)::bigint as estimated_calls,
  sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
  sum(cached_input_tokens)::bigint as cached_input_tokens, sum(cost_micros)::bigint as cost_micros
from model_call c
where started_at >= :since
group by 1
order by 1
limit 1000;
