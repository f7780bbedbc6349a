-- One page of decisions as the JSON form of `ListDecisionsResponse`. postgres/listing.py fills the names in braces with
-- the clauses that a request needs: a plan that must also serve empty filters reads every record.

-- name: page
with page as (
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

-- name: base
-- Statuses and tags are counted over the log and text filters. Equal rows are counted first: a log has few pairs of a
-- status and a set of tags. No tags count as null, which is cheaper to group by than an empty array.
, base as (
  select d.status, case when cardinality(d.tags) > 0 then d.tags end as tags, count(*) as count
  from decision d {log}
  where {counted}
  group by 1, 2
)

-- name: counts
,
  'total', (select coalesce(sum(d.count), 0) from base d where {picked}),
  'statusCounts', (
    select coalesce(json_agg(json_build_object('status', 'STATUS_' || upper(s.status), 'count', s.count)
      order by array_position(array['draft', 'proposed', 'accepted', 'rejected', 'deprecated', 'superseded'], s.status)), '[]')
    from (select status, sum(count) as count from base group by status) s
  ),
  'tagCounts', (
    select coalesce(json_agg(json_build_object('tag', t.tag, 'count', t.count) order by t.count desc, t.tag), '[]')
    from (
      select tag, sum(count) as count from base, unnest(tags) as tag group by tag order by sum(count) desc, tag limit 50
    ) t
  )
