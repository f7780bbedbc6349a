-- What it takes to say a file's message in another language: [code, values, English] for each of its sentences.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table import_file add column phrases jsonb not null default '[]';
