-- name: list_bound
-- Living decisions that bind paths or components, by log and number.
select d.id, d.applies_to, d.components, d.categories
from decision d
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
where d.log_id = any(:log_ids) and d.status = any(:statuses) and d.deleted_at is null
  and (d.applies_to <> '{}' or d.components <> '{}')
order by l.slug, coalesce(d.number, 2147483647), d.id;

-- name: list_components
select name, paths from component where log_id = :log_id order by name;

-- name: count_components
select name, count(*) as count
from decision d, unnest(d.components) as name
where d.log_id = :log_id and d.deleted_at is null
group by name;

-- name: put_component!
insert into component (tenant_id, log_id, name, paths) values (app_tenant(), :log_id, :name, :paths)
on conflict (tenant_id, log_id, name) do update set paths = excluded.paths;

-- name: delete_component<!
delete from component where log_id = :log_id and name = :name returning name;

-- name: set_source_path!
update decision set source_path = :path where id = :id;

-- name: set_number!
update decision set number = :number where id = :id;

-- name: add_former_name!
insert into decision_former_name (tenant_id, log_id, name, decision_id, since)
values (app_tenant(), :log_id, :name, :decision_id, :at)
on conflict (tenant_id, log_id, name) do update set decision_id = excluded.decision_id, since = excluded.since;

-- name: list_former_names
select f.name, f.decision_id
from decision_former_name f
join decision d on d.tenant_id = f.tenant_id and d.id = f.decision_id
where f.log_id = :log_id and d.deleted_at is null
order by f.name;

-- name: find_former_name
select f.decision_id
from decision_former_name f
join decision d on d.tenant_id = f.tenant_id and d.id = f.decision_id
join log l on l.tenant_id = f.tenant_id and l.id = f.log_id
where f.name = :name and d.deleted_at is null
  and (cardinality(:log_slugs::text[]) = 0 or l.slug = any(:log_slugs))
order by f.decision_id
limit 6;

-- name: list_health_records
-- Every living decision with what the doctor looks at, in one scan.
select r.id, r.log_id, r.log_slug, r.number, r.prefix, r.ref, r.title, r.status, r.created_at, r.source_path, v.status_text,
  c.review_on, l.required_approvals
from decision_row r
join log l on l.tenant_id = r.tenant_id and l.id = r.log_id
join decision_version v on v.tenant_id = r.tenant_id and v.decision_id = r.id and v.version = r.version
left join decision_care c on c.tenant_id = r.tenant_id and c.decision_id = r.id
where r.deleted_at is null;

-- name: list_health_approvals
-- Approvals in logs that ask for some, each with the text that is current now.
select a.decision_id, a.person_id, a.text_hash, v.title, v.body, v.deciders
from decision_approval a
join decision d on d.tenant_id = a.tenant_id and d.id = a.decision_id
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
join decision_version v on v.tenant_id = d.tenant_id and v.decision_id = d.id and v.version = d.version
where a.withdrawn_at is null and d.deleted_at is null and l.required_approvals > 0;

-- name: list_health_links
-- Links that texts write, and whole relations that people stated.
select k.decision_id, k.position, k.kind, k.target, k.target_id, coalesce(t.deleted_at is not null, false) as target_deleted
from decision_link k
join decision d on d.tenant_id = k.tenant_id and d.id = k.decision_id
left join decision t on t.tenant_id = k.tenant_id and t.id = k.target_id
where d.deleted_at is null
union all
select r.source_id, -1, r.kind, '', r.target_id, false
from decision_relation r
join decision s on s.tenant_id = r.tenant_id and s.id = r.source_id
join decision t on t.tenant_id = r.tenant_id and t.id = r.target_id
where r.section = '' and s.deleted_at is null and t.deleted_at is null;

-- name: list_used_numbers
-- Numbers that no living decision has: those of deleted ones, and those reserved.
select log_id, prefix, number from decision where deleted_at is not null and number is not null
union
select log_id, prefix, number from number_reservation;

-- name: list_acknowledged
select finding from doctor_acknowledgement;

-- name: acknowledge!
insert into doctor_acknowledgement (tenant_id, log_id, finding, person_id, person_name, created_at)
values (app_tenant(), :log_id, :finding, :person_id, :person_name, :at)
on conflict (tenant_id, log_id, finding) do nothing;

-- name: report_again$
-- How many findings are no longer left as they are; all of them where none is named.
with gone as (
  delete from doctor_acknowledgement where cardinality(:findings::text[]) = 0 or finding = any(:findings) returning 1
)
select count(*)::int from gone;

-- name: postpone_review!
update decision_care set review_on = :review_on where decision_id = :decision_id;

-- name: list_commits
-- Which of these commits were read before, and for which path.
select commit_id, path from decision_commit where log_id = :log_id and commit_id = any(:commit_ids);

-- name: add_commit!
insert into decision_commit (tenant_id, log_id, commit_id, path, decision_id)
values (app_tenant(), :log_id, :commit_id, :path, :decision_id)
on conflict do nothing;

-- name: has_history$
select exists (select from decision_commit where decision_id = :decision_id);

-- name: list_templates
select name, description, body from record_template where log_id = :log_id order by name;

-- name: put_template!
insert into record_template (tenant_id, log_id, name, description, body, updated_at)
values (app_tenant(), :log_id, :name, :description, :body, :at)
on conflict (tenant_id, log_id, name) do update
set description = excluded.description, body = excluded.body, updated_at = excluded.updated_at;

-- name: delete_template<!
delete from record_template where log_id = :log_id and name = :name returning name;

-- name: get_chosen_template$
select template from log where id = :log_id;

-- name: choose_template!
update log set template = :name where id = :log_id;

-- name: list_filters
select id, person_id, name, shared, filter from saved_filter order by name, id;

-- name: put_filter<!
insert into saved_filter (tenant_id, id, person_id, name, shared, filter, created_at)
values (app_tenant(), :id, :person_id, :name, :shared, :filter, :at)
on conflict (tenant_id, person_id, name) do update set shared = excluded.shared, filter = excluded.filter
returning id;

-- name: delete_filter<!
delete from saved_filter where id = :id and person_id = :person_id returning id;

-- name: add_bulk_edit!
insert into bulk_edit (tenant_id, id, person_id, person_name, description, created_at)
values (app_tenant(), :id, :person_id, :person_name, :description, :at);

-- name: add_bulk_items*!
insert into bulk_edit_item (tenant_id, bulk_edit_id, decision_id, version_before, version_after,
  owner_before, review_before, months_before, owner_after, review_after, months_after)
values (app_tenant(), :edit_id, :decision_id, :version_before, :version_after,
  :owner_before, :review_before, :months_before, :owner_after, :review_after, :months_after);

-- name: hold_bulk_edit^
select id, person_id, person_name, description, created_at, undone_at from bulk_edit where id = :id for update;

-- name: list_bulk_items
select decision_id, version_before, version_after,
  owner_before, review_before, months_before, owner_after, review_after, months_after
from bulk_edit_item where bulk_edit_id = :id order by decision_id;

-- name: mark_undone!
update bulk_edit set undone_at = :at where id = :id;
