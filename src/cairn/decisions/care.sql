-- name: add_comment!
insert into decision_comment (tenant_id, id, decision_id, parent_id, version, first_line, last_line, body, author_id,
  author_name, created_at)
values (app_tenant(), :id, :decision_id, :parent_id, :version, :first_line, :last_line, :body, :author_id, :author_name,
  :created_at);

-- name: get_comment^
select id, decision_id, parent_id, version, first_line, last_line, body, author_id, author_name, created_at, resolved_at,
  resolved_by
from decision_comment where id = :id;

-- name: list_comments
select id, decision_id, parent_id, version, first_line, last_line, body, author_id, author_name, created_at, resolved_at,
  resolved_by
from decision_comment
where decision_id = :decision_id
order by created_at, id
limit :limit;

-- name: hold_comments
-- What was said about decisions, newest first. None of it can be deleted before the transaction ends.
select id, decision_id, author_name, body from decision_comment
where decision_id = any(:decision_ids::uuid[])
order by created_at desc, id
limit :limit
for key share;

-- name: set_resolved!
update decision_comment set resolved_at = :at, resolved_by = :by where id = :id;

-- name: get_care^
select owner_id, owner_name, review_on, every_months, reviewed_at from decision_care where decision_id = :decision_id;

-- name: list_watchers
select p.id, p.name
from decision_watch w
join person p on p.tenant_id = w.tenant_id and p.id = w.person_id
where w.decision_id = :decision_id
order by p.name, p.id;

-- name: set_care!
insert into decision_care (tenant_id, decision_id, owner_id, owner_name, review_on, every_months, reviewed_at)
values (app_tenant(), :decision_id, :owner_id, :owner_name, :review_on, :every_months, :reviewed_at)
on conflict (tenant_id, decision_id) do update set owner_id = excluded.owner_id, owner_name = excluded.owner_name,
  review_on = excluded.review_on, every_months = excluded.every_months, reviewed_at = excluded.reviewed_at;

-- name: list_people
select id, name from person order by name, id limit :limit;

-- name: watch!
insert into decision_watch (tenant_id, person_id, decision_id, seen_version, created_at)
values (app_tenant(), :person_id, :decision_id, :seen_version, :at)
on conflict (tenant_id, person_id, decision_id) do update set seen_version = excluded.seen_version;

-- name: unwatch!
delete from decision_watch where person_id = :person_id and decision_id = :decision_id;

-- name: list_due
-- The longest overdue first. What is rejected or superseded is not looked at again.
select c.review_on, c.owner_name, c.decision_id
from decision_care c
join decision d on d.tenant_id = c.tenant_id and d.id = c.decision_id
where c.review_on <= :until and d.deleted_at is null and d.status not in ('rejected', 'superseded')
  and (cardinality(:log_ids::uuid[]) = 0 or d.log_id = any(:log_ids))
  and (:person_id::uuid is null or coalesce(c.owner_id, d.author_id) = :person_id)
order by c.review_on, c.decision_id
limit :limit;

-- name: list_reviews_awaiting
select c.decision_id, c.review_on::timestamptz as at, (:today::date - c.review_on)::int as count
from decision_care c
join decision d on d.tenant_id = c.tenant_id and d.id = c.decision_id
where c.review_on <= :today and d.deleted_at is null and d.status not in ('rejected', 'superseded')
  and coalesce(c.owner_id, d.author_id) = :person_id
order by c.review_on, c.decision_id
limit :limit;

-- name: list_approvals_awaiting
-- Proposals of logs that ask for approvals, without one of this person's for the current version.
select d.id as decision_id, d.updated_at as at,
  greatest(1, l.required_approvals - (select count(distinct a.person_id) from decision_approval a
    where a.tenant_id = d.tenant_id and a.decision_id = d.id and a.version = d.version and a.withdrawn_at is null))::int
    as count
from decision d
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
where d.status = 'proposed' and d.deleted_at is null and l.required_approvals > 0 and d.author_id <> :person_id
  and not exists (select from decision_approval a where a.tenant_id = d.tenant_id and a.decision_id = d.id
    and a.version = d.version and a.person_id = :person_id and a.withdrawn_at is null)
order by d.updated_at, d.id
limit :limit;

-- name: list_comments_awaiting
-- Open discussions on decisions of the person's, or that the person takes part in.
select d.id as decision_id, max(c.created_at) as at, count(*)::int as count
from decision_comment c
join decision d on d.tenant_id = c.tenant_id and d.id = c.decision_id
left join decision_care o on o.tenant_id = d.tenant_id and o.decision_id = d.id
where c.parent_id is null and c.resolved_at is null and d.deleted_at is null
  and (d.author_id = :person_id or o.owner_id = :person_id or c.author_id = :person_id
    or exists (select from decision_comment r where r.tenant_id = c.tenant_id and r.parent_id = c.id
      and r.author_id = :person_id))
group by d.id
order by 2, 1
limit :limit;

-- name: list_changes_awaiting
select w.decision_id, d.updated_at as at, (d.version - w.seen_version)::int as count
from decision_watch w
join decision d on d.tenant_id = w.tenant_id and d.id = w.decision_id
where w.person_id = :person_id and d.version > w.seen_version and d.deleted_at is null
order by d.updated_at, d.id
limit :limit;

-- name: replace_feed!
insert into calendar_feed (tenant_id, person_id, token_hash, created_at)
values (app_tenant(), :person_id, :token_hash, :at)
on conflict (tenant_id, person_id) do update set token_hash = excluded.token_hash, created_at = excluded.created_at;

-- name: find_feed^
-- Runs before the organisation is known; `app.token_hash` opens that one row.
select tenant_id, person_id from calendar_feed where token_hash = :token_hash;
