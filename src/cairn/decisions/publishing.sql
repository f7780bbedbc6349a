-- name: get_public_log^
select log_id, address, whole, indexed, published_at, withdrawn_at from public_log where log_id = :log_id;

-- name: put_public_log!
-- Fails when the address belongs to another log, of any organisation.
insert into public_log (tenant_id, log_id, address, whole, indexed, published_at, withdrawn_at)
values (app_tenant(), :log_id, :address, :whole, :indexed, :published_at, :withdrawn_at)
on conflict (tenant_id, log_id) do update set address = excluded.address, whole = excluded.whole,
  indexed = excluded.indexed, published_at = excluded.published_at, withdrawn_at = excluded.withdrawn_at;

-- name: get_chosen^
select version from public_decision where decision_id = :decision_id;

-- name: choose!
insert into public_decision (tenant_id, decision_id, version, published_at)
values (app_tenant(), :decision_id, :version, :at)
on conflict (tenant_id, decision_id) do update set version = excluded.version, published_at = excluded.published_at;

-- name: forget_choice!
delete from public_decision where decision_id = :decision_id;

-- name: forget_choices!
delete from public_decision c
using decision d
where d.tenant_id = c.tenant_id and d.id = c.decision_id and d.log_id = :log_id;

-- name: find_public^
select id, ref, doubled, version, title, status, decided_on, deciders, tags, content_hash, written_at, published_at, current
from public_record where id = :decision_id;

-- name: count_public$
select count(*) from public_record where log_id = :log_id;

-- name: find_site^
-- For a reader, before the organisation is known.
select tenant_id, log_id, address, whole, indexed from public_log where address = :address;

-- name: list_sites
select tenant_id, log_id, address, whole, indexed from public_log where indexed order by address limit 50000;

-- name: get_site_names^
select t.name as organisation, l.name as log from log l join tenant t on t.tenant_id = l.tenant_id where l.id = :log_id;

-- name: read_record
-- Those that a page's name may mean: by number, or by slug where there is none.
select id, ref, doubled, version, title, status, decided_on, deciders, tags, content_hash, written_at, published_at,
  current, body
from public_record
where log_id = :log_id and (number = :number or (number is null and slug = :slug));

-- name: list_public
-- By number, one page.
select id, ref, doubled, version, title, status, decided_on, deciders, tags, content_hash, written_at, published_at,
  current
from public_record
where log_id = :log_id
order by coalesce(number, 2147483647) desc, id desc
limit :most offset :skipped;

-- name: list_newest
select id, ref, doubled, version, title, status, decided_on, deciders, tags, content_hash, written_at, published_at,
  current
from public_record
where log_id = :log_id
order by published_at desc, id
limit :most;

-- name: list_public_links
-- Where the links in a record's text lead, as far as readers may follow.
select k.target, r.id, r.ref, r.doubled, r.status, r.title
from decision_link k
join public_record r on r.tenant_id = k.tenant_id and r.id = k.target_id and r.log_id = :log_id
where k.decision_id = :decision_id;

-- name: list_public_edges
-- What a record supersedes and what supersedes it, where both ends are shown in their latest text.
select e.kind, e.source_id = :decision_id as outward, r.id, r.ref, r.doubled, r.status, r.title
from decision_edge e
join public_record r on r.tenant_id = e.tenant_id and r.log_id = :log_id and r.current
  and r.id = case when e.source_id = :decision_id then e.target_id else e.source_id end
where (e.source_id = :decision_id or e.target_id = :decision_id) and e.kind in ('supersedes', 'amends')
order by r.number, r.id;
