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
