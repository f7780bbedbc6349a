-- Texts of other kinds that belong to a decision are found with it: what is said about it, documents. Such a text is a
-- record of the index without a decision of its own. Whoever may read the decision may read what is attached to it.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

alter table search_record alter column decision_id drop not null;
alter table search_record
  add column attached_to uuid,
  -- What kind of text it is, and its id there: `comment` for what is said about a decision.
  add column source text not null default '',
  add column source_id uuid,
  add column title text not null default '',
  -- Where it can be read, when that is not the decision's page.
  add column link text not null default '';
alter table search_record
  add constraint search_record_belongs_check check (
    (decision_id is not null and attached_to is null and source = '' and source_id is null)
    or (decision_id is null and attached_to is not null and source <> '' and source_id is not null)) not valid,
  add foreign key (tenant_id, attached_to) references decision (tenant_id, id) on delete cascade not valid;
alter table search_record validate constraint search_record_belongs_check;
create unique index search_record_by_source on search_record (tenant_id, source, source_id) where decision_id is null;
create index search_record_attached on search_record (tenant_id, attached_to) where decision_id is null;

drop policy drafts on search_passage;
create policy drafts on search_passage as restrictive for select
  using (exists (
    select from search_record r join decision d on d.tenant_id = r.tenant_id and d.id = coalesce(r.decision_id, r.attached_to)
    where r.tenant_id = search_passage.tenant_id and r.record_no = search_passage.record_no));

-- A deleted text is found no more in the moment its deletion is. Each table of such texts has this trigger, with its
-- kind as the argument.
create function search_forget() returns trigger language plpgsql as $$
begin
  delete from search_record
  where tenant_id = old.tenant_id and source = tg_argv[0] and source_id = old.id and decision_id is null;
  return null;
end
$$;
create trigger search_forget after delete on decision_comment for each row execute function search_forget('comment');
