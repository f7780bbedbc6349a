-- What a token may be used for. An empty list stands for everything that its person may do.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table api_token add column scopes text[] not null default '{}'
  constraint api_token_scopes_check check (scopes <@ array['read', 'write', 'import', 'ask', 'configure']);
