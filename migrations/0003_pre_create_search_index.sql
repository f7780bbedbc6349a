-- The search index: passages, packed word segments and embeddings, under row-level security.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- Small numbers stand for records and passages inside an organisation, so that packed arrays stay short.
create table search_counter (
  tenant_id uuid primary key references tenant on delete cascade,
  next_record integer not null default 1,
  next_passage integer not null default 1
);

-- An embedding model an organisation's passages were embedded with. Vectors of two models are never compared.
create table search_model (
  tenant_id uuid not null references tenant on delete cascade,
  id smallint not null,
  name text not null,
  dimensions integer not null check (dimensions between 1 and 4096),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

-- A decision as the index knows it. Of its entries in segments only those of its current generation count.
create table search_record (
  tenant_id uuid not null,
  record_no integer not null,
  decision_id uuid not null,
  generation integer not null,
  -- Which rules made the entries; a decision indexed by older rules is indexed anew.
  recipe smallint not null,
  language text not null,
  words_version integer not null,
  meaning_version integer not null default 0,
  primary key (tenant_id, record_no),
  unique (tenant_id, decision_id),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);

-- A part of a decision small enough to quote: `content` is the stretch of its text between the offsets, to the letter.
create table search_passage (
  tenant_id uuid not null,
  passage_no integer not null,
  id uuid not null,
  record_no integer not null,
  version integer not null,
  position integer not null,
  start_offset integer not null,
  end_offset integer not null check (end_offset >= start_offset),
  heading_path text[] not null,
  anchor text not null,
  content text not null,
  -- SHA-256 of what is embedded, so that an unchanged passage keeps its vector.
  content_hash bytea not null check (length(content_hash) = 32),
  primary key (tenant_id, passage_no),
  unique (tenant_id, id),
  foreign key (tenant_id, record_no) references search_record (tenant_id, record_no) on delete cascade
);
create index search_passage_by_record on search_passage (tenant_id, record_no, position);

-- An immutable piece of the word index. `documents` and the postings are packed arrays (search/model/segments.py).
create table search_segment (
  tenant_id uuid not null references tenant on delete cascade,
  id uuid not null,
  records integer not null,
  passages integer not null,
  bytes bigint not null,
  bucket_bits smallint[] not null check (cardinality(bucket_bits) = 3),
  languages text[] not null,
  documents bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table search_posting (
  tenant_id uuid not null,
  segment_id uuid not null,
  field smallint not null,
  bucket integer not null,
  content bytea not null,
  primary key (tenant_id, segment_id, field, bucket),
  foreign key (tenant_id, segment_id) references search_segment (tenant_id, id) on delete cascade
);
-- Packed arrays hardly compress; whole values are read without unpacking.
alter table search_segment alter column documents set storage external;
alter table search_posting alter column content set storage external;

create table search_vector (
  tenant_id uuid not null,
  model smallint not null,
  passage_no integer not null,
  record_no integer not null,
  embedding halfvec not null,
  primary key (tenant_id, model, passage_no),
  foreign key (tenant_id, passage_no) references search_passage (tenant_id, passage_no) on delete cascade,
  foreign key (tenant_id, model) references search_model (tenant_id, id) on delete cascade
);
create index search_vector_by_record on search_vector (tenant_id, record_no);
create index search_vector_by_passage on search_vector (tenant_id, passage_no);

-- The signs of an embedding's values: narrow, so that a whole organisation is scanned quickly.
create table search_vector_bits (
  tenant_id uuid not null,
  model smallint not null,
  passage_no integer not null,
  record_no integer not null,
  bits bit varying(4096) not null,
  primary key (tenant_id, model, passage_no),
  foreign key (tenant_id, model, passage_no) references search_vector (tenant_id, model, passage_no) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['search_counter', 'search_model', 'search_record', 'search_passage', 'search_segment',
                              'search_posting', 'search_vector', 'search_vector_bits']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
    execute format('grant select, insert, update, delete on %I to cairn_app', name);
  end loop;
end
$$;

-- A passage is for those who may read its decision.
create policy drafts on search_passage as restrictive for select
  using (exists (
    select from search_record r join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
    where r.tenant_id = search_passage.tenant_id and r.record_no = search_passage.record_no));
