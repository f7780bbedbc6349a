-- What makes an edit cost less: texts are kept as they are, and the links around a decision are one view to join.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- Compressing a text cost half of what writing it did. Texts that are there stay compressed.
alter table decision_version alter column body set storage external;

-- What texts say and what people state around a decision, in both directions; `outgoing` tells which.
create view decision_neighbour with (security_invoker = true) as
select k.tenant_id, k.decision_id, true as outgoing, k.position, k.kind, k.target, k.target_id as other_id,
  '' as section, null::uuid as relation_id
from decision_link k
union all
select k.tenant_id, k.target_id, false, k.position, k.kind, k.target, k.decision_id, '', null
from decision_link k where k.decision_id <> k.target_id
union all
select r.tenant_id, r.source_id, true, 0, r.kind, '', r.target_id, r.section, r.id from decision_relation r
union all
select r.tenant_id, r.target_id, false, 0, r.kind, '', r.source_id, r.section, r.id from decision_relation r;

grant select on decision_neighbour to cairn_app;
