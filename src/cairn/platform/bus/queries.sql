-- name: append_events$
-- Writes facts in the caller's transaction. The relay holds 7331 exclusively while it sleeps: only then is a NOTIFY
-- worth its price, for Postgres commits the transactions that carry one in single file.
with written as (
  insert into outbox (tenant_id, type, key, payload)
  select :tenant_id, type, key, payload::jsonb
  from unnest(:types::text[], :keys::text[], :payloads::text[]) with ordinality as fact (type, key, payload, place)
  order by fact.place
)
select pg_notify('cairn_outbox', '') where not pg_try_advisory_xact_lock_shared(7331);

-- name: may_relay$
-- Takes the right to number events until the transaction ends; one relay at a time keeps them in order.
select pg_try_advisory_xact_lock(7332);

-- name: may_sleep$
-- Fails while a writer that gave no notice is still at work: sleeping would miss its events.
select pg_try_advisory_lock(7331);

-- name: wake_up$
select pg_advisory_unlock(7331);

-- name: relay_events$
-- Moves committed facts from the outbox to the end of each tenant's log, and says how many.
with moved as (
  delete from outbox where id in (select id from outbox order by id limit :most)
  returning id, tenant_id, type, key, payload, created_at
),
counted as (
  select tenant_id, count(*) as events from moved group by tenant_id
),
heads as (
  insert into event_head as head (tenant_id, position)
  select tenant_id, events from counted order by tenant_id
  on conflict (tenant_id) do update set position = head.position + excluded.position
  returning tenant_id, position
),
logged as (
  insert into event (tenant_id, position, type, key, payload, created_at)
  select m.tenant_id, h.position - c.events + row_number() over (partition by m.tenant_id order by m.id),
    m.type, m.key, m.payload, m.created_at
  from moved m
  join heads h using (tenant_id)
  join counted c using (tenant_id)
  returning 1
)
select count(*) from logged;

-- name: may_compact$
select pg_try_advisory_xact_lock(7333);

-- name: compact_log$
-- Removes old events that a later one of the same type and key stands for, and says how many: a consumer reads the
-- current state of what an event names, so the last one is enough to build everything anew.
with superseded as (
  select e.tenant_id, e.position
  from event e
  where e.created_at < clock_timestamp() - make_interval(secs => :age)
    and exists (
      select from event later
      where later.tenant_id = e.tenant_id and later.key = e.key and later.position > e.position and later.type = e.type
    )
    and not exists (select from parked_event p where p.tenant_id = e.tenant_id and p.position = e.position)
  limit :most
),
removed as (
  delete from event e using superseded s where e.tenant_id = s.tenant_id and e.position = s.position
  returning 1
)
select count(*) from removed;

-- name: fetch_pending
-- The tenants that have something for a group: new events, or parked ones that are due.
select h.tenant_id
from event_head h
left join consumer_offset o on o.tenant_id = h.tenant_id and o.group_name = :group_name
where h.position > coalesce(o.position, 0)
union
select tenant_id from parked_event where group_name = :group_name and not dead and due_at <= clock_timestamp()
limit :most;

-- name: fetch_next_due$
-- Seconds until the next parked event of a group is due; null when none is parked.
select extract(epoch from min(due_at) - clock_timestamp())::float8
from parked_event where group_name = :group_name and not dead and due_at < 'infinity';

-- name: claim$
select pg_try_advisory_lock(:claim);

-- name: release$
select pg_advisory_unlock(:claim);

-- name: fetch_offset^
-- Where a group stands in a tenant's log, and where the log ends.
select h.position as head, coalesce(o.position, 0) as position, coalesce(o.deliveries, 0) as deliveries,
  coalesce(o.careful_until, 0) as careful_until
from event_head h
left join consumer_offset o on o.tenant_id = h.tenant_id and o.group_name = :group_name
where h.tenant_id = :tenant_id;

-- name: fetch_events
-- The next events of the types a group handles, in order.
select tenant_id, position, type, key, payload::text as payload, created_at
from event
where tenant_id = :tenant_id and position > :position and position <= :upto and type = any(:types::text[])
order by position
limit :most;

-- name: fetch_blocked_keys
-- Those of `keys` that have an event parked, behind which later ones wait.
select distinct key
from parked_event
where tenant_id = :tenant_id and group_name = :group_name and not dead and key = any(:keys::text[]);

-- name: begin_delivery!
-- Counts a start, so that an event that kills its worker is found out.
insert into consumer_offset (tenant_id, group_name, position, deliveries, careful_until)
values (:tenant_id, :group_name, :position, :deliveries, :careful_until)
on conflict (tenant_id, group_name) do update
set deliveries = excluded.deliveries, careful_until = excluded.careful_until
where consumer_offset.position = excluded.position;

-- name: commit_delivery$
-- Advances a group and parks what failed, unless a replay has moved the group meanwhile. An event without a delay
-- waits behind an earlier one of its key, for ever unless that one is settled.
with moved as (
  update consumer_offset set position = :upto, deliveries = 0
  where tenant_id = :tenant_id and group_name = :group_name and position = :position
  returning 1
),
parked as (
  insert into parked_event (tenant_id, group_name, position, key, attempts, due_at, error)
  select :tenant_id, :group_name, failed.position, failed.key, failed.attempts,
    coalesce(clock_timestamp() + make_interval(secs => failed.delay), 'infinity'), failed.error
  from unnest(:positions::bigint[], :keys::text[], :attempts::integer[], :delays::float8[], :errors::text[])
    as failed (position, key, attempts, delay, error)
  where exists (select from moved)
  on conflict (tenant_id, group_name, position) do nothing
)
select exists (select from moved);

-- name: take_due^
-- The next due event. It is charged an attempt before it is tried, so that one that kills its worker runs out of them,
-- and put off, so that it does not kill the next worker at once.
update parked_event p set attempts = p.attempts + 1, due_at = clock_timestamp() + make_interval(secs => :lease)
from event e
where (p.tenant_id, p.group_name, p.position) = (
    select tenant_id, group_name, position from parked_event
    where tenant_id = :tenant_id and group_name = :group_name and not dead and due_at <= clock_timestamp()
    order by due_at, position
    limit 1
  )
  and e.tenant_id = p.tenant_id and e.position = p.position
returning e.tenant_id, e.position, e.type, e.key, e.payload::text as payload, e.created_at, p.attempts;

-- name: settle_parked!
-- A parked event was handled: the one that waits behind it is due.
with settled as (
  delete from parked_event where tenant_id = :tenant_id and group_name = :group_name and position = :position
)
update parked_event set due_at = clock_timestamp()
where tenant_id = :tenant_id and group_name = :group_name and due_at = 'infinity' and position = (
  select min(position) from parked_event
  where tenant_id = :tenant_id and group_name = :group_name and key = :key and not dead and position <> :position
);

-- name: park_again!
-- A parked event failed again, and is due later. `refund` gives the attempt back.
update parked_event
set due_at = clock_timestamp() + make_interval(secs => :delay), error = :error, attempts = attempts - :refund
where tenant_id = :tenant_id and group_name = :group_name and position = :position;

-- name: bury_parked!
-- A parked event failed for the last time: it is a dead letter, and the one that waits behind it is due.
with buried as (
  update parked_event set dead = true, error = :error
  where tenant_id = :tenant_id and group_name = :group_name and position = :position
)
update parked_event set due_at = clock_timestamp()
where tenant_id = :tenant_id and group_name = :group_name and due_at = 'infinity' and position = (
  select min(position) from parked_event
  where tenant_id = :tenant_id and group_name = :group_name and key = :key and not dead and position <> :position
);

-- name: fetch_dead_letters
-- Dead letters, oldest first; of every group when `group_name` is null.
select p.group_name, p.tenant_id, p.position, e.type, p.key, p.attempts, p.error
from parked_event p
join event e on e.tenant_id = p.tenant_id and e.position = p.position
where p.dead and (:group_name::text is null or p.group_name = :group_name)
order by p.group_name, p.tenant_id, p.position
limit :most;

-- name: requeue_dead_letters$
-- Gives dead letters a fresh set of attempts, and says how many.
with requeued as (
  update parked_event set dead = false, attempts = 0, due_at = clock_timestamp()
  where dead and group_name = :group_name
    and (:tenant_id::uuid is null or tenant_id = :tenant_id)
    and (:position::bigint is null or position = :position)
  returning 1
)
select count(*) from requeued;

-- name: replay$
-- Sets a group back, so that it takes every event from `position` on once more, and says how many.
with stood as (
  select o.tenant_id, o.position
  from consumer_offset o
  where o.group_name = :group_name and (:tenant_id::uuid is null or o.tenant_id = :tenant_id)
    and o.position >= :position
  for update
),
moved as (
  update consumer_offset o set position = :position - 1, deliveries = 0, careful_until = 0
  from stood where o.tenant_id = stood.tenant_id and o.group_name = :group_name
),
freed as (
  delete from parked_event p using stood
  where p.tenant_id = stood.tenant_id and p.group_name = :group_name and p.position >= :position
)
select coalesce(sum(position - :position + 1), 0)::bigint from stood;

-- name: tell_consumers$
select pg_notify('cairn_events', '');

-- name: fetch_lag
-- How far each group of each tenant is behind, with what waits and what is dead.
select o.group_name, o.tenant_id, h.position - o.position as behind,
  count(p.position) filter (where not p.dead) as parked, count(p.position) filter (where p.dead) as dead
from consumer_offset o
join event_head h on h.tenant_id = o.tenant_id
left join parked_event p on p.tenant_id = o.tenant_id and p.group_name = o.group_name
group by o.group_name, o.tenant_id, h.position, o.position
order by o.group_name, o.tenant_id
limit :most;
