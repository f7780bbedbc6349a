-- name: lock_index$
-- One writer of an organisation's index at a time. The lock ends with the transaction.
select pg_advisory_xact_lock(hashtextextended('search:' || app_tenant()::text, 0));

-- name: take_numbers^
-- Reserves `records` and `passages` numbers and returns the first of each.
insert into search_counter as c (tenant_id, next_record, next_passage)
values (app_tenant(), 1 + :records, 1 + :passages)
on conflict (tenant_id) do update
  set next_record = c.next_record + :records, next_passage = c.next_passage + :passages
returning next_record - :records as record_no, next_passage - :passages as passage_no;

-- name: find_record^
select record_no, generation, recipe, words_version, meaning_version
from search_record where tenant_id = app_tenant() and decision_id = :decision_id;

-- name: save_record!
insert into search_record (tenant_id, record_no, decision_id, generation, recipe, language, words_version)
values (app_tenant(), :record_no, :decision_id, :generation, :recipe, :language, :version)
on conflict (tenant_id, record_no) do update
  set generation = excluded.generation, recipe = excluded.recipe, language = excluded.language,
    words_version = excluded.words_version;

-- name: drop_record!
delete from search_record where tenant_id = app_tenant() and decision_id = :decision_id;

-- name: stored_passages
select passage_no, id, content_hash from search_passage
where tenant_id = app_tenant() and record_no = :record_no order by position;

-- name: drop_passages!
delete from search_passage where tenant_id = app_tenant() and record_no = :record_no and passage_no = any(:passage_nos::int[]);

-- name: save_passages*!
insert into search_passage (tenant_id, passage_no, id, record_no, version, position, start_offset, end_offset,
  heading_path, anchor, content, content_hash)
values (app_tenant(), :passage_no, :id, :record_no, :version, :position, :start, :end, :heading_path, :anchor, :text, :content_hash)
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
select p.segment_id, p.field, p.bucket, p.content
from unnest(:segment_ids::uuid[], :fields::smallint[], :buckets::int[]) as wanted (segment_id, field, bucket)
join search_posting p on p.tenant_id = (select app_tenant()) and p.segment_id = wanted.segment_id
  and p.field = wanted.field and p.bucket = wanted.bucket;

-- name: segment_postings
select field, bucket, content from search_posting
where tenant_id = app_tenant() and segment_id = :segment_id order by field, bucket;

-- name: drop_segments!
delete from search_segment where tenant_id = app_tenant() and id = any(:ids::uuid[]);

-- name: generations$
-- Every record's current generation, packed: record number and generation, four bytes each, big-endian.
select string_agg(int4send(record_no) || int4send(generation), ''::bytea) from search_record where tenant_id = app_tenant();

-- name: live_records$
-- The records the caller may find, packed: record number, generation, and 1 where the filters let it through.
select string_agg(
  int4send(r.record_no) || int4send(r.generation) || int4send((
    (:log_ids::uuid[] = '{}' or d.log_id = any(:log_ids::uuid[]))
    and (:decision_ids::uuid[] = '{}' or d.id = any(:decision_ids::uuid[]))
    and (:statuses::text[] = '{}' or d.status = any(:statuses::text[]))
    and (:tags::text[] = '{}' or d.tags && :tags::text[]))::int), ''::bytea)
from search_record r join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
where r.tenant_id = (select app_tenant()) and d.deleted_at is null;

-- name: record_decisions
select record_no, decision_id from search_record where tenant_id = app_tenant() and record_no = any(:record_nos::int[]);

-- name: links_between
-- The neighbours of records along their links, in both directions.
with wanted as (
  select record_no, decision_id from search_record where tenant_id = app_tenant() and record_no = any(:record_nos::int[])
), neighbours as (
  select w.record_no, l.target_id as id from wanted w
  join decision_link l on l.tenant_id = app_tenant() and l.decision_id = w.decision_id where l.target_id is not null
  union
  select w.record_no, l.decision_id from wanted w
  join decision_link l on l.tenant_id = app_tenant() and l.target_id = w.decision_id
)
select n.record_no as from_no, r.record_no as to_no
from neighbours n join search_record r on r.tenant_id = app_tenant() and r.decision_id = n.id
where n.record_no <> r.record_no;

-- name: passages_by_no
select p.passage_no, p.id, r.decision_id, p.record_no, p.version, p.heading_path, p.anchor, p.content
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

-- name: count_vectors$
select count(*) from search_vector_bits where tenant_id = app_tenant() and model = :model;

-- name: all_similarities$
-- The cosine of every passage, packed: passage number, record number, cosine.
select string_agg(int4send(passage_no) || int4send(record_no) || float4send((1 - (embedding <=> :vector::text::halfvec))::float4), ''::bytea)
from search_vector where tenant_id = (select app_tenant()) and model = :model;

-- name: nearest_similarities$
-- As `all_similarities`, for the passages whose signs differ least from the query's, and for those of `record_nos`.
with near as (
  select b.passage_no from search_vector_bits b
  where b.tenant_id = (select app_tenant()) and b.model = :model
    and (:everything or b.record_no = any(:allowed::int[]))
  order by b.bits <~> binary_quantize(:vector::text::halfvec), b.passage_no limit :most
), wanted as (
  select passage_no from near
  union
  select passage_no from search_vector where tenant_id = (select app_tenant()) and model = :model and record_no = any(:record_nos::int[])
)
select string_agg(int4send(v.passage_no) || int4send(v.record_no) || float4send((1 - (v.embedding <=> :vector::text::halfvec))::float4), ''::bytea)
from wanted join search_vector v on v.tenant_id = (select app_tenant()) and v.model = :model and v.passage_no = wanted.passage_no;

-- name: passages_to_embed
-- Passages of a decision that have no vector of the model yet, in order.
select p.passage_no, p.record_no, p.heading_path, p.content, p.content_hash
from search_record r
join search_passage p on p.tenant_id = r.tenant_id and p.record_no = r.record_no
where r.tenant_id = app_tenant() and r.decision_id = :decision_id
  and not exists (select from search_vector v where v.tenant_id = p.tenant_id and v.model = :model and v.passage_no = p.passage_no)
order by p.position;

-- name: save_vectors!
-- A passage that changed or went while it was embedded gets no vector. The text forms are pgvector's.
with given as (
  select * from unnest(:passage_nos::int[], :hashes::bytea[], :vectors::text[]) as g (passage_no, content_hash, vector)
), kept as (
  insert into search_vector (tenant_id, model, passage_no, record_no, embedding)
  select p.tenant_id, :model, p.passage_no, p.record_no, g.vector::halfvec
  from given g join search_passage p on p.tenant_id = app_tenant() and p.passage_no = g.passage_no and p.content_hash = g.content_hash
  on conflict do nothing
  returning tenant_id, model, passage_no, record_no, embedding
)
insert into search_vector_bits (tenant_id, model, passage_no, record_no, bits)
select tenant_id, model, passage_no, record_no, binary_quantize(embedding) from kept;

-- name: advance_meaning$
-- Says that a decision's indexed version can be found by meaning, once every passage has a vector.
update search_record r set meaning_version = words_version
where r.tenant_id = app_tenant() and r.decision_id = :decision_id and r.meaning_version <> r.words_version
  and not exists (
    select from search_passage p where p.tenant_id = r.tenant_id and p.record_no = r.record_no
    and not exists (select from search_vector v where v.tenant_id = p.tenant_id and v.model = :model and v.passage_no = p.passage_no))
returning words_version;

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
