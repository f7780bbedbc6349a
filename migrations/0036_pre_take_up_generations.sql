-- A server takes up what another one was writing when it ended.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table generation
  -- How often it was taken up. Whoever wrote it before has an older term, and may write no more.
  add column term smallint not null default 0 check (term >= 0),
  -- In which what Cairn itself says is written; who goes on writes in the same.
  add column language text not null default '' check (length(language) <= 35);
-- By what an update of the heartbeat leaves as it is.
create index generation_running on generation (created_at) where not ended;

-- A server looks for what nobody writes any more before it knows whose it is; it goes on as that person.
create policy by_heir on generation for select
  using ((select current_setting('app.role', true)) = 'heir' and not ended);
drop policy own_or_shared on generation;
create policy own_or_shared on generation as restrictive for select
  using (person_id = (select app_person()) or (select current_setting('app.role', true)) = 'heir' or exists (
    select from conversation c
    where c.tenant_id = generation.tenant_id and c.id = generation.conversation_id and c.shared_at is not null
      and c.deleted_at is null));
