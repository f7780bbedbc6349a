-- One page of decisions as the JSON form of `ListDecisionsResponse`. postgres/listing.py fills the names in braces with
-- the clauses that a request needs: a plan that must also serve empty filters reads every record.

-- name: page
with page as (
  select d.id, d.log_id, l.slug as log_slug, d.number, {ref} as ref, d.title, d.status, d.decided_on, d.deciders, d.tags,
    d.version, d.updated_at, {key} as key, row_number() over (order by {order}) as position
  from decision d
  join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
  where {chosen}
  order by {order}
  limit {limit} + 1
){base}
select
  json_build_object(
    'decisions', coalesce((
      select json_agg(shown)
      from (
        select p.id, p.log_id as "logId", p.log_slug as "logSlug", p.number, p.ref, p.title,
          'STATUS_' || upper(p.status) as status, coalesce(p.decided_on::text, '') as "decidedOn", p.deciders, p.tags,
          p.version, p.updated_at as "updatedAt",
          case when p.status = 'superseded' then (
            -- The latest living decision that supersedes it whole, whoever says so; one in force before one that is not.
            select json_build_object('id', n.id, 'ref', n.ref, 'title', n.title)
            from decision_edge e
            join decision_row n on n.tenant_id = e.tenant_id and n.id = e.source_id
            where e.target_id = p.id and e.kind = 'supersedes' and e.section = '' and n.deleted_at is null
            order by n.status in ('accepted', 'deprecated', 'superseded') desc, n.decided_on desc nulls last,
              n.number desc nulls last, n.id
            limit 1
          ) end as successor
        from page p
        where p.position <= {limit}
        order by p.position
      ) shown
    ), '[]'){counts}
  )::text as response,
  -- Where the next page begins, when there is one.
  (select p.key::text from page p where p.position = {limit} and (select count(*) from page) > {limit}) as key

-- name: base
-- Statuses and tags are counted over the log and text filters. Equal rows are counted first: a log has few pairs of a
-- status and a set of tags.
, base as (
  select d.status, d.tags, count(*) as count
  from decision d {log}
  where {counted}
  group by d.status, d.tags
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
