-- name: get_policy^
select status_names, required_approvals from log where id = :log_id;

-- name: set_policy!
update log set status_names = :status_names, required_approvals = :required_approvals where id = :log_id;

-- name: get_people^
select d.author_id, c.owner_id
from decision d
left join decision_care c on c.tenant_id = d.tenant_id and c.decision_id = d.id
where d.id = :id;

-- name: add_approval!
insert into decision_approval (tenant_id, id, decision_id, version, content_hash, text_hash, person_id, person_name, note,
  created_at)
values (app_tenant(), :id, :decision_id, :version, :content_hash, :text_hash, :person_id, :person_name, :note, :created_at)
on conflict (tenant_id, decision_id, person_id, text_hash) where withdrawn_at is null do nothing;

-- name: withdraw_approvals$
with taken_back as (
  update decision_approval set withdrawn_at = :at
  where decision_id = :decision_id and person_id = :person_id and withdrawn_at is null
  returning id
)
select count(*)::int from taken_back;

-- name: list_approvals
select id, decision_id, version, content_hash, text_hash, person_id, person_name, note, created_at, withdrawn_at
from decision_approval
where decision_id = :decision_id
order by created_at, id;

-- name: list_void_approvals
-- Approvers read title, text and deciders. A text that came back is approved again, so the last version that has it counts.
select a.id, max(v.version) + 1 as since
from decision_approval a
join decision d on d.tenant_id = a.tenant_id and d.id = a.decision_id
join decision_version own on own.tenant_id = a.tenant_id and own.decision_id = a.decision_id and own.version = a.version
join decision_version v on v.tenant_id = a.tenant_id and v.decision_id = a.decision_id and v.version >= a.version
  and v.title = own.title and v.body = own.body and v.deciders = own.deciders
where a.decision_id = :decision_id and a.withdrawn_at is null
group by a.id, d.version
having max(v.version) < d.version;

-- name: hold_relations^
-- Two halves of a circle must not be stated side by side.
select pg_advisory_xact_lock(hashtextextended('relations ' || app_tenant(), 0)) is not null as held;

-- name: add_relation!
insert into decision_relation (tenant_id, id, source_id, kind, target_id, section, person_id, person_name, created_at)
values (app_tenant(), :id, :source_id, :kind, :target_id, :section, :person_id, :person_name, :created_at)
on conflict (tenant_id, source_id, kind, target_id, section) do nothing;

-- name: get_relation^
select id, source_id, kind, target_id, section, person_id, person_name, created_at
from decision_relation where id = :id;

-- name: remove_relation!
delete from decision_relation where id = :id;

-- name: list_edges
-- Both ends, by either index.
select source_id, kind, target_id, section, relation_id from decision_edge
where source_id = any(:ids) and (:kind::text is null or kind = :kind)
union all
select source_id, kind, target_id, section, relation_id from decision_edge
where target_id = any(:ids) and not source_id = any(:ids) and (:kind::text is null or kind = :kind);

-- name: list_edges_from
select source_id, kind, target_id, section, relation_id from decision_edge
where source_id = any(:ids) and kind = :kind;

-- name: list_latest
-- Living decisions by the day they were decided, or else written, the latest first.
select id from decision
where deleted_at is null and (cardinality(:log_ids::uuid[]) = 0 or log_id = any(:log_ids::uuid[]))
order by coalesce(decided_on, created_at::date) desc, number desc nulls last, id desc
limit :limit;

-- name: list_statuses
-- The first version, and each whose status is not that of the version before.
select before, status, version, author_name, message, created_at
from (
  select lag(status) over (order by version) as before, status, version, author_name, message, created_at
  from decision_version
  where decision_id = :decision_id
) change
where before is distinct from status
order by version;

-- name: take_number$
-- The row lock makes numbers unique among concurrent transactions.
update log set next_number = next_number + 1 where id = :log_id returning next_number - 1;

-- name: take_scoped_number$
-- The first number of a new prefix is 1. The conflict locks the row as an update would.
insert into number_scope (tenant_id, log_id, prefix, next_number) values (app_tenant(), :log_id, :prefix, 2)
on conflict (tenant_id, log_id, prefix) do update set next_number = number_scope.next_number + 1
returning next_number - 1;

-- name: pass_number!
update log set next_number = :number + 1 where id = :log_id and next_number <= :number;

-- name: pass_scoped_number!
insert into number_scope (tenant_id, log_id, prefix, next_number) values (app_tenant(), :log_id, :prefix, :number::int + 1)
on conflict (tenant_id, log_id, prefix) do update set next_number = greatest(number_scope.next_number, excluded.next_number);

-- name: add_reservation!
insert into number_reservation (tenant_id, id, log_id, prefix, number, person_id, person_name, purpose, created_at)
values (app_tenant(), :id, :log_id, :prefix, :number, :person_id, :person_name, :purpose, :created_at);

-- name: hold_reservation^
select r.id, r.log_id, r.prefix, r.number, r.person_id, r.person_name, r.purpose, r.created_at,
  (select d.id from decision d where d.tenant_id = r.tenant_id and d.log_id = r.log_id and d.prefix = r.prefix
    and d.sort_number = r.number order by d.id limit 1) as decision_id
from number_reservation r
where r.log_id = :log_id and r.prefix = :prefix and r.number = :number
for no key update of r;

-- name: list_reservations
select r.id, r.log_id, r.prefix, r.number, r.person_id, r.person_name, r.purpose, r.created_at,
  (select d.id from decision d where d.tenant_id = r.tenant_id and d.log_id = r.log_id and d.prefix = r.prefix
    and d.sort_number = r.number order by d.id limit 1) as decision_id
from number_reservation r
where r.log_id = :log_id
order by r.created_at desc, r.id desc
limit :limit;
