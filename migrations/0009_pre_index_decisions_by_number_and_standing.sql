-- Indexes for 100,000 records: finding one by its number, and counting by log and status without reading the rows.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- Under row-level security a condition on coalesce() reaches no index, for Postgres does not know it to be leakproof.
create index decision_with_number on decision (tenant_id, number) where number is not null;

-- The author is in it because the policy on drafts asks for it.
create index decision_by_standing on decision (tenant_id, log_id, status, author_id) where deleted_at is null;
