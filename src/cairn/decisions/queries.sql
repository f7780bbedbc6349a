-- name: list_logs
-- Every log with its living decisions counted.
select l.id, l.slug, l.name, l.prefix, l.status_names,
  (select count(*) from decision d where d.tenant_id = l.tenant_id and d.log_id = l.id and d.deleted_at is null) as decision_count
from log l
order by l.slug;

-- name: get_log^
-- Without counting its decisions.
select id, slug, name, prefix from log where id = :id;

-- name: add_log<!
insert into log (tenant_id, id, slug, name, prefix)
values (app_tenant(), :id, :slug, :name, :prefix)
on conflict (tenant_id, slug) do nothing
returning id;

-- name: add_decision!
insert into decision (tenant_id, id, log_id, number, prefix, slug, author_id, source_path, version, title, status,
  decided_on, deciders, tags, applies_to, components, categories, created_at, updated_at)
values (app_tenant(), :id, :log_id, :number, :prefix, :slug, :author_id, :source_path, :version, :title, :status,
  :decided_on, :deciders, :tags, :applies_to, :components, :categories, :now, :now);

-- name: add_version!
insert into decision_version (tenant_id, id, decision_id, version, title, status, status_text, decided_on, deciders, tags,
  applies_to, components, categories, body, content_hash, source, author_id, author_name, message, created_at)
values (app_tenant(), :id, :decision_id, :version, :title, :status, :status_text, :decided_on, :deciders, :tags,
  :applies_to, :components, :categories, :body, :content_hash, :source, :author_id, :author_name, :message, :now);

-- name: append_version!
-- The next version, and the decision showing it, in one round trip.
with appended as (
  insert into decision_version (tenant_id, id, decision_id, version, title, status, status_text, decided_on, deciders,
    tags, applies_to, components, categories, body, content_hash, source, author_id, author_name, message, created_at)
  values (app_tenant(), :id, :decision_id, :version, :title, :status, :status_text, :decided_on, :deciders,
    :tags, :applies_to, :components, :categories, :body, :content_hash, :source, :author_id, :author_name, :message, :now)
)
update decision set version = :version, title = :title, status = :status, decided_on = :decided_on, deciders = :deciders,
  tags = :tags, applies_to = :applies_to, components = :components, categories = :categories, updated_at = :now
where id = :decision_id;

-- name: append_edit
-- As append_version and the bus's append_events, and as list_links at once: the version writes no other links than the
-- one before. Always gives a row, so that the relay is told; `link_kind` is null in it when there are no links.
with appended as (
  insert into decision_version (tenant_id, id, decision_id, version, title, status, status_text, decided_on, deciders,
    tags, applies_to, components, categories, body, content_hash, source, author_id, author_name, message, created_at)
  values (app_tenant(), :id, :decision_id, :version, :title, :status, :status_text, :decided_on, :deciders,
    :tags, :applies_to, :components, :categories, :body, :content_hash, :source, :author_id, :author_name, :message, :now)
),
shown as (
  update decision set version = :version, title = :title, status = :status, decided_on = :decided_on,
    deciders = :deciders, tags = :tags, applies_to = :applies_to, components = :components, categories = :categories,
    updated_at = :now
  where id = :decision_id
),
written as (
  insert into outbox (tenant_id, type, key, payload) values (app_tenant(), :event_type, :event_key, :event_payload)
),
told as materialized (
  select pg_notify('cairn_outbox', '') where not pg_try_advisory_xact_lock_shared(7331)
)
select n.outgoing, n.kind as link_kind, n.target, n.other_id, n.section, n.relation_id, r.*
from (select count(*) from told) relay
left join decision_neighbour n on n.decision_id = :decision_id
left join decision_row r on r.tenant_id = n.tenant_id and r.id = n.other_id
order by n.relation_id nulls first, n.outgoing desc, n.position;

-- name: lock_in_status^
-- The row is read again once whoever holds it is done; null stands for any status.
select true as held from decision where id = :id and (:status::text is null or status = :status) for no key update;

-- name: hold_decision^
-- As get_held, and holds it. One that somebody was changing comes back without its row: it no longer joins the version
-- that was its latest when this began. It is then read anew.
select d.id, d.log_id, l.slug as log_slug, d.number, d.slug,
  case when d.number is null then d.slug
    else coalesce(nullif(d.prefix, ''), l.prefix) || '-' || lpad(d.number::text, greatest(4, length(d.number::text)), '0')
    end as ref,
  d.title, d.status, d.decided_on, d.deciders, d.tags, d.version, d.source_path, d.created_at, d.updated_at, d.deleted_at,
  d.prefix, d.author_id, v.id as version_id, v.status_text, v.applies_to, v.components, v.categories, v.body,
  v.content_hash, v.source, v.author_id as writer_id, v.author_name, v.message, v.created_at as written_at, c.owner_id,
  l.status_names, l.required_approvals
from decision d
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
join decision_version v on v.tenant_id = d.tenant_id and v.decision_id = d.id and v.version = d.version
left join decision_care c on c.tenant_id = d.tenant_id and c.decision_id = d.id
where d.id = :id and (:status::text is null or d.status = :status)
for no key update of d;

-- name: get_held^
-- A decision, its current version, and all that a change of it is judged by.
select r.*, v.id as version_id, v.status_text, v.applies_to, v.components, v.categories, v.body, v.content_hash, v.source,
  v.author_id as writer_id, v.author_name, v.message, v.created_at as written_at, c.owner_id, l.status_names,
  l.required_approvals
from decision_row r
join log l on l.tenant_id = r.tenant_id and l.id = r.log_id
join decision_version v on v.tenant_id = r.tenant_id and v.decision_id = r.id and v.version = r.version
left join decision_care c on c.tenant_id = r.tenant_id and c.decision_id = r.id
where r.id = :id;

-- name: find_by_id
select * from decision_row where id = :id;

-- name: find_by_ids
select * from decision_row where id = any(:ids);

-- name: list_texts
select r.*, v.body
from decision_row r
join decision_version v on v.tenant_id = r.tenant_id and v.decision_id = r.id and v.version = r.version
where r.id = any(:ids) and r.deleted_at is null;

-- name: find_by_number
select * from decision_row
where number = :number and deleted_at is null and (:log_slug = '' or log_slug = :log_slug)
  and (:prefix = '' or upper(split_part(ref, '-', 1)) = upper(:prefix))
order by log_slug, id
limit 6;

-- name: find_by_slug
select * from decision_row
where slug = :slug and deleted_at is null and (:log_slug = '' or log_slug = :log_slug)
order by log_slug, id
limit 6;

-- name: list_successors
-- The latest living decision that supersedes each of these whole, whoever says so; one in force before one that is not.
select distinct on (e.target_id) e.target_id as old_id, n.id, n.ref, n.title
from decision_edge e
join decision_row n on n.tenant_id = e.tenant_id and n.id = e.source_id
where e.target_id = any(:ids) and e.kind = 'supersedes' and e.section = '' and n.deleted_at is null
order by e.target_id, n.status in ('accepted', 'deprecated', 'superseded') desc, n.decided_on desc nulls last,
  n.number desc nulls last, n.id;

-- name: find_by_source^
select * from decision_row where log_id = :log_id and source_path = :path;

-- name: get_version^
select * from decision_version where decision_id = :decision_id and version = :version;

-- name: get_latest_source^
select * from decision_version where decision_id = :decision_id and source is not null order by version desc limit 1;

-- name: list_versions
-- Newest first, one page, without texts and sources.
select id, decision_id, version, title, status, status_text, decided_on, deciders, tags, applies_to, components, categories,
  '' as body, content_hash, null::bytea as source, author_id, author_name, message, created_at
from decision_version
where decision_id = :decision_id and version < :before
order by version desc
limit :limit;

-- name: set_deleted!
update decision set deleted_at = :at where id = :id;

-- name: delete_links!
delete from decision_link where decision_id = :decision_id;

-- name: add_links*!
insert into decision_link (tenant_id, decision_id, position, kind, target, target_id)
values (app_tenant(), :decision_id, :position, :kind, :target, :target_id);

-- name: list_written_links
select kind, target, target_id from decision_link where decision_id = :decision_id order by position;

-- name: list_links
-- The links around a decision, each with the decision at its other end, where there is one that the caller may see.
select n.outgoing, n.kind as link_kind, n.target, n.other_id, n.section, n.relation_id, r.*
from decision_neighbour n
left join decision_row r on r.tenant_id = n.tenant_id and r.id = n.other_id
where n.decision_id = :decision_id
order by n.relation_id nulls first, n.outgoing desc, n.position;

-- name: list_log_links
select k.decision_id, k.position, k.kind, k.target, k.target_id
from decision_link k
join decision d on d.tenant_id = k.tenant_id and d.id = k.decision_id
where d.log_id = :log_id and d.deleted_at is null
order by k.decision_id, k.position;

-- name: set_link_targets*!
update decision_link set target_id = :target_id where decision_id = :decision_id and position = :position;

-- name: list_log_decisions
select * from decision_row where log_id = :log_id and deleted_at is null
order by coalesce(number, 2147483647), id;

-- name: list_ids
select id from decision where deleted_at is null order by id;

-- name: add_import!
insert into import_run (tenant_id, id, log_id, person_id, source, started_at)
values (app_tenant(), :id, :log_id, :person_id, :source, :started_at);

-- name: list_imports
-- Newest first, each with its files counted by outcome. With an id, that one only.
select r.id, r.log_id, l.slug as log_slug, r.source, r.started_at, r.finished_at, r.links_resolved, r.links_unresolved,
  count(*) filter (where f.outcome = 'created') as created,
  count(*) filter (where f.outcome = 'updated') as updated,
  count(*) filter (where f.outcome = 'unchanged') as unchanged,
  count(*) filter (where f.outcome = 'left_out') as left_out,
  count(*) filter (where f.outcome = 'failed') as failed
from import_run r
join log l on l.tenant_id = r.tenant_id and l.id = r.log_id
left join import_file f on f.tenant_id = r.tenant_id and f.import_id = r.id
where (:id::uuid is null or r.id = :id)
group by r.tenant_id, r.id, l.slug
order by r.started_at desc, r.id desc
limit :limit;

-- name: add_file_report!
insert into import_file (tenant_id, import_id, path, outcome, format, message, phrases, fields, decision_id, source)
values (app_tenant(), :import_id, :path, :outcome, :format, :message, :phrases, :fields, :decision_id, :source)
on conflict (tenant_id, import_id, path) do update set outcome = excluded.outcome, format = excluded.format,
  message = excluded.message, phrases = excluded.phrases, fields = excluded.fields, decision_id = excluded.decision_id, source = excluded.source;

-- name: list_file_reports
select f.path, f.outcome, f.format, f.message, f.phrases, f.fields, f.decision_id, coalesce(d.ref, '') as ref, coalesce(d.title, '') as title
from import_file f
left join decision_row d on d.tenant_id = f.tenant_id and d.id = f.decision_id
where f.import_id = :import_id
order by f.path;

-- name: finish_import!
update import_run set finished_at = :at, links_resolved = :resolved, links_unresolved = :unresolved where id = :id;
