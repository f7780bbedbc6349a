-- name: lock_index$
-- One writer of an organisation's index at a time. The lock ends with the transaction.
select pg_advisory_xact_lock(hashtextextended('search:' || app_tenant()::text, 0));

-- name: lock_merging$
-- One joins segments of an organisation at a time, beside its writer. The lock ends with the transaction.
select pg_advisory_xact_lock(hashtextextended('search segments:' || app_tenant()::text, 0));

-- name: take_numbers^
-- Reserves `records` and `passages` numbers and returns the first of each.
insert into search_counter as c (tenant_id, next_record, next_passage)
values (app_tenant(), 1 + :records, 1 + :passages)
on conflict (tenant_id) do update
  set next_record = c.next_record + :records, next_passage = c.next_passage + :passages
returning next_record - :records as record_no, next_passage - :passages as passage_no;

-- name: find_records
select decision_id, record_no, generation, recipe, words_version, meaning_version
from search_record where tenant_id = app_tenant() and decision_id = any(:decision_ids::uuid[]);

-- name: save_records!
insert into search_record (tenant_id, record_no, decision_id, generation, recipe, language, words_version)
select app_tenant(), record.* from unnest(:record_nos::int[], :decision_ids::uuid[], :generations::int[], :recipes::int[],
  :languages::text[], :versions::int[]) as record
on conflict (tenant_id, record_no) do update
  set generation = excluded.generation, recipe = excluded.recipe, language = excluded.language,
    words_version = excluded.words_version;

-- name: drop_records!
delete from search_record where tenant_id = app_tenant()
  and (decision_id = any(:decision_ids::uuid[]) or decision_id is null and attached_to = any(:decision_ids::uuid[]));

-- name: find_attached
select source_id, record_no, generation, recipe, words_version, meaning_version from search_record
where tenant_id = app_tenant() and source = :source and decision_id is null and attached_to = any(:decision_ids::uuid[]);

-- name: save_attached!
insert into search_record (tenant_id, record_no, generation, recipe, language, words_version, source, source_id, attached_to,
  title, link)
select app_tenant(), attached.* from unnest(:record_nos::int[], :generations::int[], :recipes::int[], :languages::text[],
  :versions::int[], :sources::text[], :source_ids::uuid[], :decision_ids::uuid[], :titles::text[], :links::text[]) as attached
on conflict (tenant_id, record_no) do update
  set generation = excluded.generation, recipe = excluded.recipe, language = excluded.language,
    words_version = excluded.words_version, attached_to = excluded.attached_to, title = excluded.title, link = excluded.link;

-- name: drop_attached!
delete from search_record
where tenant_id = app_tenant() and source = :source and source_id = any(:ids::uuid[]) and decision_id is null;

-- name: stored_passages
select record_no, passage_no, id, content_hash from search_passage
where tenant_id = app_tenant() and record_no = any(:record_nos::int[]) order by record_no, position;

-- name: drop_passages!
delete from search_passage where tenant_id = app_tenant() and passage_no = any(:passage_nos::int[]);

-- name: save_passages!
-- Headings of all passages stand one after the other; those of each passage are the `firsts` to the `lasts`, counted from 1.
insert into search_passage (tenant_id, passage_no, id, record_no, version, position, start_offset, end_offset,
  anchor, content, content_hash, heading_path)
select app_tenant(), g.passage_no, g.id, g.record_no, g.version, g.position, g.start_offset, g.end_offset,
  g.anchor, g.content, g.content_hash, (:headings::text[])[g.first : g.last]
from unnest(:passage_nos::int[], :ids::uuid[], :record_nos::int[], :versions::int[], :positions::int[], :starts::int[],
  :ends::int[], :anchors::text[], :texts::text[], :hashes::bytea[], :firsts::int[], :lasts::int[])
  as g (passage_no, id, record_no, version, position, start_offset, end_offset, anchor, content, content_hash, first, last)
on conflict (tenant_id, passage_no) do update
  set version = excluded.version, position = excluded.position, start_offset = excluded.start_offset,
    end_offset = excluded.end_offset, heading_path = excluded.heading_path, anchor = excluded.anchor,
    content = excluded.content;

-- name: add_segment!
insert into search_segment (tenant_id, id, records, passages, bytes, bucket_bits, languages, documents)
values (app_tenant(), :id, :records, :passages, :bytes, :bucket_bits, :languages, :documents);

-- name: add_postings!
insert into search_posting (tenant_id, segment_id, field, bucket, content)
select app_tenant(), :segment_id, f, b, c
from unnest(:fields::smallint[], :buckets::int[], :contents::bytea[]) as posting (f, b, c);

-- name: list_segments
-- Oldest first; without the packed arrays.
select id, records, passages, bytes, bucket_bits, languages from search_segment
where tenant_id = app_tenant() order by created_at, id;

-- name: segment_documents
select id, documents from search_segment where tenant_id = app_tenant() and id = any(:ids::uuid[]);

-- name: find_postings
-- What is in buckets, by their place in the lists. `segments` are places in `segment_ids`.
select wanted.place, p.content
from unnest(string_to_array(:segments, ',')::int[], string_to_array(:fields, ',')::smallint[],
  string_to_array(:buckets, ',')::int[]) with ordinality as wanted (segment, field, bucket, place)
join search_posting p on p.tenant_id = (select app_tenant()) and p.segment_id = (:segment_ids::uuid[])[wanted.segment]
  and p.field = wanted.field and p.bucket = wanted.bucket;

-- name: segment_postings
select content from search_posting
where tenant_id = app_tenant() and segment_id = :segment_id and field = :field order by bucket;

-- name: drop_segments!
delete from search_segment where tenant_id = app_tenant() and id = any(:ids::uuid[]);

-- name: generations$
-- Every record's current generation, packed: record number and generation, four bytes each, big-endian.
select string_agg(int4send(record_no) || int4send(generation), ''::bytea) from search_record where tenant_id = app_tenant();

-- name: live_records^
-- The records the caller may find, packed: number, generation, 1 where it holds no longer, its log's hash; all in two indexes.
-- Then, with `filtered`, the numbers of those that the filters let through. Of attached texts: number, generation, owner's number.
-- Eight bytes at a time, for a function and a concatenation a number take Postgres longer than the rows do.
select (select string_agg(int8send(r.record_no::int8 << 32 | r.generation) || int8send(uuid_hash(d.log_id) & x'ffffffff'::int8
  | case when d.status in ('superseded', 'rejected', 'deprecated') then 1::int8 << 32 else 0 end), ''::bytea)
from search_record r join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
where r.tenant_id = (select app_tenant()) and d.deleted_at is null) as own,
(select string_agg(int4send(r.record_no), ''::bytea)
from search_record r join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
where :filtered and r.tenant_id = (select app_tenant()) and d.deleted_at is null
  and (:log_ids::uuid[] = '{}' or d.log_id = any(:log_ids::uuid[]))
  and (:decision_ids::uuid[] = '{}' or d.id = any(:decision_ids::uuid[]))
  and (:statuses::text[] = '{}' or d.status = any(:statuses::text[]))
  and (:tags::text[] = '{}' or d.tags && :tags::text[])
  and d.status <> all(:excluded_statuses::text[])
  and not d.tags && :excluded_tags::text[]
  and (:decided_from::date is null or d.decided_on >= :decided_from::date)
  and (:decided_to::date is null or d.decided_on <= :decided_to::date)
  and (:log_slugs::text[] = '{}' or exists (
    select from log l where l.tenant_id = d.tenant_id and l.id = d.log_id and l.slug = any(:log_slugs::text[])))
  and (:authors::text[] = '{}' or exists (
    select from unnest(:authors::text[]) as wanted (part)
    where exists (select from unnest(d.deciders) as decider (name) where position(lower(part) in lower(name)) > 0)
      or exists (select from decision_version v where v.tenant_id = d.tenant_id and v.decision_id = d.id
        and v.version = d.version and position(lower(part) in lower(v.author_name)) > 0)))
  and (:governing_ids::uuid[] = '{}' or d.id = any(:governing_ids::uuid[]))
  and (:superseded_ids::uuid[] = '{}' or exists (
    select from decision_edge e where e.tenant_id = d.tenant_id and e.kind = 'supersedes'
      and e.source_id = d.id and e.target_id = any(:superseded_ids::uuid[])))) as wanted,
(select string_agg(int4send(a.record_no) || int4send(a.generation) || int4send(r.record_no), ''::bytea)
from search_record a join search_record r on r.tenant_id = a.tenant_id and r.decision_id = a.attached_to
where a.tenant_id = (select app_tenant()) and a.decision_id is null) as attached;

-- name: versions_at
-- The version of each record that was current at the end of a day; its text only where another is indexed now.
select r.record_no, r.generation, d.id as decision_id, v.version, v.title, d.slug,
  case when v.version <> r.words_version then v.body end as body,
  v.status, v.tags, v.decided_on, l.slug as log_slug,
  ((:statuses::text[] = '{}' or v.status = any(:statuses::text[]))
    and (:tags::text[] = '{}' or v.tags && :tags::text[])
    and v.status <> all(:excluded_statuses::text[])
    and not v.tags && :excluded_tags::text[]
    and (:decided_from::date is null or v.decided_on >= :decided_from::date)
    and (:decided_to::date is null or v.decided_on <= :decided_to::date)) is true as wanted
from search_record r
join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id and d.deleted_at is null
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
join lateral (
  select version, title, status, tags, decided_on, body from decision_version
  where tenant_id = d.tenant_id and decision_id = d.id
    and ((created_at at time zone 'UTC')::date <= :day::date or (version = 1 and decided_on <= :day::date))
  order by version desc limit 1) v on true
where r.tenant_id = (select app_tenant())
order by d.updated_at desc, d.id;

-- name: named_decisions
-- The living decisions with a number, or a slug, in one log or all.
select d.id, r.record_no
from decision d join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
left join search_record r on r.tenant_id = d.tenant_id and r.decision_id = d.id
where d.deleted_at is null and (d.number = :number::int or d.slug = :slug) and (:log_slug = '' or l.slug = :log_slug)
order by d.id limit 50;

-- name: successors
-- Of these records, those that are superseded, with the record that took their place.
select distinct on (old_no) old_no, new_no from (
  select o.record_no as old_no, n.record_no as new_no, d.decided_on, d.id
  from search_record o
  join decision_edge e on e.tenant_id = o.tenant_id and e.kind = 'supersedes' and e.target_id = o.decision_id
  join decision d on d.tenant_id = o.tenant_id and d.id = e.source_id and d.deleted_at is null
  join search_record n on n.tenant_id = o.tenant_id and n.decision_id = d.id
  where o.tenant_id = (select app_tenant()) and o.record_no = any(:record_nos::int[]) and n.record_no <> o.record_no
) edge
order by old_no, decided_on desc nulls last, id;

-- name: facet_counts
-- How many of these records have each status, tag, log and year; the most frequent 20 of each.
with matched as (
  select d.status, d.tags, d.decided_on, l.slug from search_record r
  join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
  join log l on l.tenant_id = d.tenant_id and l.id = d.log_id
  where r.tenant_id = (select app_tenant()) and r.record_no = any(:record_nos::int[])
), counted as (
  select 'status' as field, status as value, count(*)::int as count from matched group by status
  union all select 'tag', tag, count(*)::int from matched, unnest(tags) as tag group by tag
  union all select 'log', slug, count(*)::int from matched group by slug
  union all select 'year', extract(year from decided_on)::int::text, count(*)::int from matched
    where decided_on is not null group by 2
), ranked as (
  select field, value, count, row_number() over (partition by field order by count desc, value) as place from counted
)
select field, value, count from ranked where place <= 20 order by field, place;

-- name: title_words
-- The words of titles and tags that the caller may see, in lower case.
select distinct word from decision d,
  lateral regexp_split_to_table(lower(d.title || ' ' || array_to_string(d.tags, ' ')), '[^[:alnum:]]+') as word
where d.deleted_at is null and length(word) between 4 and 40 limit 20000;

-- name: record_texts
-- The title and the passages of records, in order, then the passages of what is attached to them.
select r.record_no, d.title as content, -1 as position from search_record r
join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
where r.tenant_id = (select app_tenant()) and r.record_no = any(:record_nos::int[])
union all
select p.record_no, p.content, p.position from search_passage p
where p.tenant_id = (select app_tenant()) and p.record_no = any(:record_nos::int[])
union all
select r.record_no, p.content, 1000000 + p.position from search_record r
join search_record a on a.tenant_id = r.tenant_id and a.attached_to = r.decision_id and a.decision_id is null
join search_passage p on p.tenant_id = a.tenant_id and p.record_no = a.record_no
where :attached and r.tenant_id = (select app_tenant()) and r.record_no = any(:record_nos::int[])
order by record_no, position;

-- name: suggested_decisions
-- Decisions in whose title, tags or slug some word begins with each of the given words (folded, escaped in `patterns`);
-- titles that begin so first. Looking for the letters is cheaper than the expression, and mostly says no.
select d.id
from decision d,
  lateral (select d.title || ' ' || d.slug || ' ' || coalesce(d.number::text, '') || ' ' || array_to_string(d.tags, ' ') as text offset 0) written,
  lateral (select lower(case when octet_length(written.text) = length(written.text) then written.text
    else regexp_replace(normalize(replace(written.text, 'ß', 'ss'), nfkd), '[\u0300-\u036f]', '', 'g') end) as text offset 0) folded
where d.deleted_at is null
  and not exists (
    select from unnest(:words::text[], :patterns::text[]) as wanted (word, pattern)
    where case when strpos(folded.text, word) = 0 then true else folded.text !~ pattern end)
order by strpos(folded.text, :text) = 1 desc, d.status in ('superseded', 'rejected', 'deprecated'), length(d.title), d.id
limit :most;

-- name: mean_vector$
-- The mean of a record's vectors, as pgvector writes it.
select avg(embedding)::text from search_vector where tenant_id = (select app_tenant()) and model = :model and record_no = :record_no;

-- name: record_decisions
select record_no, coalesce(decision_id, attached_to) as decision_id from search_record where tenant_id = app_tenant() and record_no = any(:record_nos::int[]);

-- name: links_between
-- The neighbours of records along their links, in both directions.
with wanted as (
  select record_no, decision_id from search_record where tenant_id = app_tenant() and record_no = any(:record_nos::int[])
), neighbours as (
  select w.record_no, e.target_id as id from wanted w
  join decision_edge e on e.tenant_id = app_tenant() and e.source_id = w.decision_id
  union
  select w.record_no, e.source_id from wanted w
  join decision_edge e on e.tenant_id = app_tenant() and e.target_id = w.decision_id
)
select n.record_no as from_no, r.record_no as to_no
from neighbours n join search_record r on r.tenant_id = app_tenant() and r.decision_id = n.id
where n.record_no <> r.record_no;

-- name: passages_by_no
select p.passage_no, p.id, coalesce(r.decision_id, r.attached_to) as decision_id, p.version, p.heading_path, p.anchor,
  p.content, r.language, r.source, r.title as source_title, r.link
from search_passage p join search_record r on r.tenant_id = p.tenant_id and r.record_no = p.record_no
where p.tenant_id = app_tenant() and p.passage_no = any(:passage_nos::int[]);

-- name: first_passages
-- The first passage of each record.
select distinct on (p.record_no) p.record_no, p.passage_no
from search_passage p where p.tenant_id = app_tenant() and p.record_no = any(:record_nos::int[])
order by p.record_no, p.position;

-- name: find_model$
select id from search_model where tenant_id = app_tenant() and name = :name;

-- name: add_model$
insert into search_model (tenant_id, id, name, dimensions)
values (app_tenant(), coalesce((select max(id) from search_model where tenant_id = app_tenant()), 0) + 1, :name, :dimensions)
returning id;

-- name: list_blocks
-- One row without an id when the model is known and has no block.
select b.id, b.passages from search_model m
left join search_vector_block b on b.tenant_id = m.tenant_id and b.model = m.id
where m.tenant_id = (select app_tenant()) and m.name = :model order by b.id;

-- name: block_contents
select id, content from search_vector_block where tenant_id = (select app_tenant()) and id = any(:ids::uuid[]);

-- name: add_block!
insert into search_vector_block (tenant_id, id, model, passages, content)
values (app_tenant(), :id, :model, :passages, :content);

-- name: drop_blocks!
delete from search_vector_block where tenant_id = app_tenant() and id = any(:ids::uuid[]);

-- name: embedded_passages
select passage_no from search_vector
where tenant_id = app_tenant() and model = :model and passage_no = any(:passage_nos::int[]);

-- name: cosines$
-- Packed: passage number and cosine, four bytes each, big-endian. The subselect reads the vector only once.
select string_agg(
  int4send(passage_no) || float4send((1 - (embedding <=> (select :vector::text::halfvec)))::float4), ''::bytea)
from search_vector
where tenant_id = (select app_tenant()) and passage_no = any(string_to_array(:passage_nos, ',')::int[])
  and model = (select id from search_model where tenant_id = (select app_tenant()) and name = :model);

-- name: passages_to_embed
-- Passages of a decision, and of what is attached to it, that have no vector of the model yet, in order.
select p.passage_no, p.heading_path, p.content, p.content_hash, case when r.decision_id is null then r.title end as title
from search_record r
join search_passage p on p.tenant_id = r.tenant_id and p.record_no = r.record_no
where r.tenant_id = app_tenant() and (r.decision_id = :decision_id or r.decision_id is null and r.attached_to = :decision_id)
  and not exists (select from search_vector v where v.tenant_id = p.tenant_id and v.model = :model and v.passage_no = p.passage_no)
order by p.record_no, p.position;

-- name: save_vectors
-- A passage that changed or went while it was embedded gets no vector. The text forms are pgvector's.
with given as (
  select * from unnest(:passage_nos::int[], :hashes::bytea[], :vectors::text[]) as g (passage_no, content_hash, vector)
)
insert into search_vector (tenant_id, model, passage_no, record_no, embedding)
select p.tenant_id, :model, p.passage_no, p.record_no, g.vector::halfvec
from given g join search_passage p on p.tenant_id = app_tenant() and p.passage_no = g.passage_no and p.content_hash = g.content_hash
on conflict do nothing
returning passage_no;

-- name: advance_meaning$
-- Says that a decision's indexed version can be found by meaning, once every passage has a vector, attached ones too.
update search_record r set meaning_version = words_version
where r.tenant_id = app_tenant() and r.decision_id = :decision_id and r.meaning_version <> r.words_version
  and not exists (
    select from search_record a join search_passage p on p.tenant_id = a.tenant_id and p.record_no = a.record_no
    where a.tenant_id = r.tenant_id and (a.decision_id = :decision_id or a.decision_id is null and a.attached_to = :decision_id)
    and not exists (select from search_vector v where v.tenant_id = p.tenant_id and v.model = :model and v.passage_no = p.passage_no))
returning words_version;

-- name: complete_model!
-- A model with which every decision was embedded answers from now on; vectors of other models go.
with completed as (
  update search_model m set complete = true
  where m.tenant_id = app_tenant() and m.name = :model and not m.complete and not exists (
    select from decision d where d.deleted_at is null and not exists (
      select from search_record r
      where r.tenant_id = d.tenant_id and r.decision_id = d.id and r.meaning_version = d.version))
  returning m.id
)
delete from search_model o using completed c where o.tenant_id = app_tenant() and o.id <> c.id;

-- name: query_model^
select app_tenant() as tenant_id,
  coalesce((select name from search_model where tenant_id = app_tenant() and complete order by id desc limit 1), '') as name;

-- name: index_state^
select d.id as decision_id, d.version, coalesce(r.words_version, 0) as words_version, coalesce(r.meaning_version, 0) as meaning_version
from decision d left join search_record r on r.tenant_id = d.tenant_id and r.decision_id = d.id
where d.id = :decision_id and d.deleted_at is null;

-- name: index_totals^
select count(*)::int as decisions,
  count(*) filter (where r.words_version = d.version)::int as words_current,
  count(*) filter (where r.meaning_version = d.version)::int as meaning_current
from decision d left join search_record r on r.tenant_id = d.tenant_id and r.decision_id = d.id
where d.deleted_at is null;

-- name: audit
-- Decisions that the index has wrongly, with what is wrong, as the caller may see them.
select d.id as decision_id, case
    when r.record_no is null then 'is not indexed'
    when r.words_version <> d.version then 'is indexed by words at version ' || r.words_version || ', not ' || d.version
    else 'is indexed by meaning at version ' || r.meaning_version || ', not ' || d.version
  end as problem
from decision d left join search_record r on r.tenant_id = d.tenant_id and r.decision_id = d.id
where d.deleted_at is null and (r.record_no is null or r.words_version <> d.version or r.meaning_version <> d.version)
union all
select d.id, 'is deleted, and the index still holds it' from search_record r
join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
where r.tenant_id = app_tenant() and d.deleted_at is not null
union all
select coalesce(r.decision_id, r.attached_to), 'is marked as findable by meaning, and ' || count(*) || ' of its passages have no vector'
from search_record r join search_passage p on p.tenant_id = r.tenant_id and p.record_no = r.record_no
where r.tenant_id = app_tenant() and r.meaning_version = r.words_version and r.meaning_version > 0
  and not exists (select from search_vector v where v.tenant_id = p.tenant_id and v.passage_no = p.passage_no)
group by r.decision_id, r.attached_to
order by 1, 2;

-- name: passage_numbers$
-- Every passage, packed: record number and passage number.
select string_agg(int4send(record_no) || int4send(passage_no), ''::bytea) from search_passage where tenant_id = app_tenant();

-- name: mark_stale!
-- The worker indexes these anew; until then what is indexed stays findable.
update search_record set recipe = 0, words_version = 0, meaning_version = 0 where tenant_id = app_tenant();

-- name: drop_vectors!
with blocks as (delete from search_vector_block where tenant_id = app_tenant())
delete from search_vector where tenant_id = app_tenant();
