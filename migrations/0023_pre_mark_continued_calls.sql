-- A reply that one target broke off and another went on with has a row for each; this marks those that went on.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table model_call add column continued boolean not null default false;
