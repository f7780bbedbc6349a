-- What the code before wrote as rows of bits becomes blocks. Every vector then had 384 dimensions: six columns of 64.

set local lock_timeout = '5s';
set local statement_timeout = '600s';

-- Forced row-level security hides every organisation's rows from the owner too.
alter table search_vector_bits no force row level security;
alter table search_vector_block no force row level security;

insert into search_vector_block (tenant_id, id, model, passages, content)
select tenant_id, gen_random_uuid(), model, count(*)::int,
  string_agg(substr(raw, 1, 8), ''::bytea order by passage_no)
  || string_agg(substr(raw, 9, 8), ''::bytea order by passage_no)
  || string_agg(substr(raw, 17, 8), ''::bytea order by passage_no)
  || string_agg(substr(raw, 25, 8), ''::bytea order by passage_no)
  || string_agg(substr(raw, 33, 8), ''::bytea order by passage_no)
  || string_agg(substr(raw, 41, 8), ''::bytea order by passage_no)
  || string_agg(int4send(passage_no), ''::bytea order by passage_no)
from (select tenant_id, model, passage_no, substr(varbit_send(bits), 5) as raw from search_vector_bits) packed
group by tenant_id, model, passage_no / 50000;

alter table search_vector_block force row level security;
drop table search_vector_bits;
