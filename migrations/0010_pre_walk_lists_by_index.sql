-- What lists are sorted by, as columns: an expression over a row may not be looked up in an index before row-level
-- security has had its say, a plain column may.

set local lock_timeout = '5s';
set local statement_timeout = '10min';

alter table decision
  add column sort_number integer not null generated always as (coalesce(number, 2147483647)) stored,
  add column title_key text not null generated always as (lower(title)) stored;

drop index decision_by_number, decision_by_update, decision_by_title;
create index decision_by_number on decision (tenant_id, log_id, sort_number, id);
create index decision_by_update on decision (tenant_id, updated_at, id);
create index decision_by_title on decision (tenant_id, title_key, id);
