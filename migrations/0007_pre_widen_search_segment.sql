-- Titles are a field of their own in the word index, so every segment is made anew: the worker takes all events again.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table search_segment drop constraint search_segment_bucket_bits_check;
alter table search_segment add constraint search_segment_bucket_bits_check check (cardinality(bucket_bits) between 4 and 16);

truncate search_record, search_segment cascade;

-- Forced row-level security hides every organisation's rows from the owner too.
alter table consumer_offset no force row level security;
delete from consumer_offset where group_name in ('search.words', 'search.meaning');
alter table consumer_offset force row level security;
