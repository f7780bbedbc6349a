-- The signs of vectors in immutable blocks: model/signs.py says how they are packed. A server compares a query with all
-- of them, and keeps blocks in memory; which of their passages live, the word index says.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create table search_vector_block (
  tenant_id uuid not null,
  id uuid not null,
  model smallint not null,
  passages integer not null check (passages > 0),
  content bytea not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, model) references search_model (tenant_id, id) on delete cascade
);
-- Packed already; compressing would only cost time.
alter table search_vector_block alter column content set storage external;

alter table search_vector_block enable row level security;
alter table search_vector_block force row level security;
create policy tenant_only on search_vector_block
  using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()));
grant select, insert, update, delete on search_vector_block to cairn_app;
