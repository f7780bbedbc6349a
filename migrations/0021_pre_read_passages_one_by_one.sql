-- Whether a passage may be read is looked up for each passage that is read. As `exists` the planner answered it for all
-- passages of the organisation at once, which took 95 ms for twenty passages of a million, and now takes 3.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

drop policy drafts on search_passage;
create policy drafts on search_passage as restrictive for select
  using ((
    select true from search_record r
    -- Not `coalesce`: under row-level security the planner takes that for leaky, and reads all decisions instead.
    join decision d on d.tenant_id = r.tenant_id
      and d.id = case when r.decision_id is null then r.attached_to else r.decision_id end
    where r.tenant_id = search_passage.tenant_id and r.record_no = search_passage.record_no));
