-- One page of decisions as the JSON form of `ListDecisionsResponse`. postgres/listing.py fills the names in braces with
-- the clauses that a request needs: a plan that must also serve empty filters reads every record.

-- name: page
with {matched}page as (
  select d.id, d.log_id as "logId", l.slug as "logSlug", d.number, {ref} as ref, d.title,
    'STATUS_' || upper(d.status) as status, coalesce(d.decided_on::text, '') as "decidedOn", d.deciders, d.tags, d.version,
    d.updated_at as "updatedAt",
    case when d.status = 'superseded' then (
      -- The latest living decision that supersedes it whole, whoever says so; one in force before one that is not.
      select json_build_object('id', n.id, 'ref', n.ref, 'title', n.title)
      from decision_edge e
      join decision_row n on n.tenant_id = e.tenant_id and n.id = e.source_id
      where e.target_id = d.id and e.kind = 'supersedes' and e.section = '' and n.deleted_at is null
      order by n.status in ('accepted', 'deprecated', 'superseded') desc, n.decided_on desc nulls last,
        n.number desc nulls last, n.id
      limit 1
    ) end as successor
  from decision d
  join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
  where {chosen}
  order by {order}
  limit {limit}
){base}
select json_build_object('decisions', (select coalesce(json_agg(page), '[]') from page){counts})::text

-- name: matched
-- What the log and text filters let through, looked through once for the page and for the counts.
needle as materialized (select lower({text}::text)),
named as materialized (select l.id from log l where position((table needle) in lower(l.prefix || '-')) > 0),
matched as materialized (
  select d.id, d.log_id, d.sort_number, d.updated_at, d.title_key, d.status, d.tags
  from decision d {log}
  where {counted}
),

-- name: picked
-- Of what was looked through, the page.
d.id = any(array(select d.id from matched d where {picked} order by {order} limit {limit}))

-- name: base_of_matched
, base as (
  select d.status, '' as tag, count(*) as count from matched d group by d.status
  union all
  select '', tag, count(*) from matched d, unnest(d.tags) as tag where cardinality(d.tags) > 0 group by tag
)

-- name: base_of_tally
, base as (
  select d.status, d.tag, sum(d.count) as count
  from (
    select log_id, status, tag, count from decision_tally union all select log_id, status, tag, count from decision_tally_change
  ) d
  where {logs}
  group by d.status, d.tag
)

-- name: counts
-- Statuses and tags are counted over the log and text filters, whatever is chosen of them.
,
  'total', {total},
  'statusCounts', (
    select coalesce(json_agg(json_build_object('status', 'STATUS_' || upper(b.status), 'count', b.count)
      order by array_position(array['draft', 'proposed', 'accepted', 'rejected', 'deprecated', 'superseded'], b.status)), '[]')
    from base b
    where b.tag = '' and b.count > 0
  ),
  'tagCounts', (
    select coalesce(json_agg(json_build_object('tag', t.tag, 'count', t.count) order by t.count desc, t.tag), '[]')
    from (
      select b.tag, sum(b.count) as count from base b
      where b.tag <> ''
      group by b.tag
      having sum(b.count) > 0
      order by sum(b.count) desc, b.tag
      limit 50
    ) t
  )

-- name: sum_of_base
(select coalesce(sum(d.count), 0) from base d where {picked})

-- name: count_of_matched
(select count(*) from matched d where {picked})

-- name: count_of_decisions
(select count(*) from decision d where {picked})

-- name: add_up_tally
with changes as (
  delete from decision_tally_change returning log_id, status, tag, draft_author, count
)
insert into decision_tally as t (tenant_id, log_id, status, tag, draft_author, count)
select app_tenant(), log_id, status, tag, draft_author, sum(count)
from changes
group by log_id, status, tag, draft_author
having sum(count) <> 0
on conflict (tenant_id, log_id, status, tag, draft_author) do update set count = t.count + excluded.count
