-- Which embedding model answers: the one with which every passage is embedded, while another may be on its way.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- What is there was the only model there was.
alter table search_model add column complete boolean not null default true;
alter table search_model alter column complete set default false;
