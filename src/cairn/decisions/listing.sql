-- One page of decisions as the JSON form of `ListDecisionsResponse`. postgres/listing.py fills the names in braces with
-- the clauses that a request needs: a plan that must also serve empty filters reads every record.

-- name: page
-- Postgres looks up the type of each column anew for each row that it makes JSON of; text put together costs a third.
with {matched}page as (
  select concat(
    '{{"id":"', d.id, '","logId":"', d.log_id, '","logSlug":', to_json(l.slug), ',"number":' || d.number, ',"ref":', to_json({ref}),
    ',"title":', to_json(d.title), ',"status":"STATUS_', upper(d.status), '"', ',"decidedOn":"' || d.decided_on || '"',
    ',"deciders":' || case when d.deciders <> '{{}}' then array_to_json(d.deciders) end,
    ',"version":', d.version, ',"updatedAt":', to_json(d.updated_at),
    ',"tags":' || case when d.tags <> '{{}}' then array_to_json(d.tags) end,
    case when d.status = 'superseded' then (
      -- The latest living decision that supersedes it whole, whoever says so; one in force before one that is not.
      select concat(',"successor":{{"id":"', n.id, '","ref":', to_json(n.ref), ',"title":', to_json(n.title), '}}')
      from decision_edge e
      join decision_row n on n.tenant_id = e.tenant_id and n.id = e.source_id
      where e.target_id = d.id and e.kind = 'supersedes' and e.section = '' and n.deleted_at is null
      order by n.status in ('accepted', 'deprecated', 'superseded') desc, n.decided_on desc nulls last,
        n.number desc nulls last, n.id
      limit 1
    ) end, (
      select concat(',"ownerName":' || to_json(nullif(c.owner_name, ''))::text,
        ',"reviewOn":"' || case when d.status not in ('rejected', 'superseded') then c.review_on end || '"')
      from decision_care c where c.tenant_id = d.tenant_id and c.decision_id = d.id
    ), '}}'
  ) as json, {keys}
  from decision d
  join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
  where {chosen}
  order by {order}
  limit {limit} + 1
)
select concat('{{"decisions":[', (select string_agg(p.json, ',') from (select json from page limit {limit}) p), ']'{counts}) as message,
  -- The key of the last that is shown, when there are more.
  case when (select count(*) from page) > {limit} then (
    select json_build_array({key_names}) from page offset {limit} - 1 limit 1
  )::text end as last_key

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

-- name: owned
d.id in (select c.decision_id from decision_care c where c.owner_id = any({people}::uuid[]))

-- name: governs
(d.applies_to <> '{{}}' or d.components <> '{{}}')

-- name: governs_of_matched
d.id in (select d.id from decision d where {governs})

-- name: facets_of_tally
select concat('{{"owners":[', (
    select string_agg(concat('{{"id":"', o.owner_id, '","name":', to_json(o.name), ',"count":', o.count, '}}'), ',')
    from (
      select d.owner_id, p.name, sum(d.count)::int as count
      from decision_facet_tally d
      join person p on p.tenant_id = d.tenant_id and p.id = d.owner_id
      where d.facet = 'owner' and {logs}
      group by d.owner_id, p.name
      having sum(d.count) > 0
      order by 3 desc, 2, 1
      limit 50
    ) o
  ), '],"governing":', (
    select coalesce(sum(d.count), 0) from decision_facet_tally d where d.facet = 'governs' and {logs}
  ), '}}') as message

-- name: facets
with {matched}counted as (
  select c.owner_id, max(c.owner_name) as name, count(*)::int as count
  from matched d
  join decision_care c on c.tenant_id = app_tenant() and c.decision_id = d.id
  where c.owner_id is not null
  group by c.owner_id
  order by 3 desc, 2, 1
  limit 50
)
select concat('{{"owners":[', (
    select string_agg(concat('{{"id":"', o.owner_id, '","name":', to_json(o.name), ',"count":', o.count, '}}'), ',')
    from counted o
  ), '],"governing":', (select count(*) from matched d where {governs}), '}}') as message

-- name: statuses_of_matched
select d.status, count(*)::int as count from matched d group by d.status

-- name: tags_of_matched
select tag, count(*)::int as count from matched d, unnest(d.tags) as tag where cardinality(d.tags) > 0 group by tag

-- name: tally
-- Each decision counts once under the empty tag, and once under each of its tags.
(select log_id, status, tag, count from decision_tally union all select log_id, status, tag, count from decision_tally_change)

-- name: statuses_of_tally
select d.status, sum(d.count)::int as count from {tally} d where d.tag = '' and {logs} group by d.status having sum(d.count) > 0

-- name: tags_of_tally
select d.tag, sum(d.count)::int as count from {tally} d where d.tag <> '' and {logs} group by d.tag having sum(d.count) > 0

-- name: counts
-- Statuses and tags are counted over the log and text filters, whatever is chosen of them.
, ',"total":', {total}, ',"statusCounts":[', (
    select string_agg(concat('{{"status":"STATUS_', upper(s.status), '","count":', s.count, '}}'), ','
      order by array_position(array['draft', 'proposed', 'accepted', 'rejected', 'deprecated', 'superseded'], s.status))
    from ({by_status}) s
  ), '],"tagCounts":[', (
    select string_agg(concat('{{"tag":', to_json(t.tag), ',"count":', t.count, '}}'), ',')
    from (select * from ({by_tag}) t order by t.count desc, t.tag limit 50) t
  ), ']'

-- name: sum_of_tally
(select coalesce(sum(d.count), 0) from {tally} d where {picked})

-- name: sum_of_facet_tally
(select coalesce(sum(d.count), 0) from decision_facet_tally d where {picked})

-- name: count_of_matched
(select count(*) from matched d where {picked})

-- name: count_of_decisions
(select count(*) from decision d where {picked})

-- name: add_up_facet_tally
-- What is gone is what is added up: another worker may have taken some of it.
with crowded as (
  select facet, owner_id, log_id, status, draft_author from decision_facet_tally
  group by facet, owner_id, log_id, status, draft_author having count(*) > 1
), gone as (
  delete from decision_facet_tally t using crowded c
  where (t.facet, t.owner_id, t.log_id, t.status, t.draft_author)
    = (c.facet, c.owner_id, c.log_id, c.status, c.draft_author)
  returning t.facet, t.owner_id, t.log_id, t.status, t.draft_author, t.count
)
insert into decision_facet_tally (tenant_id, facet, owner_id, log_id, status, draft_author, count)
select app_tenant(), facet, owner_id, log_id, status, draft_author, sum(count)
from gone
group by facet, owner_id, log_id, status, draft_author
having sum(count) <> 0

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
