-- Policies of logs, relations, approvals, comments, number scopes and reservations, care, watchers, calendar feeds.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- What a log calls the statuses, where it differs from Cairn, and how many approvals an acceptance needs.
alter table log
  add column status_names jsonb not null default '{}' check (jsonb_typeof(status_names) = 'object'),
  add column required_approvals smallint not null default 0 check (required_approvals between 0 and 20);

-- The prefix of the decision's number; empty for the log's own.
alter table decision
  add column prefix text not null default '' check (prefix = '' or prefix ~ '^[A-Za-z][A-Za-z0-9]{0,15}$');

create or replace view decision_row with (security_invoker = true) as
select
  d.tenant_id, d.id, d.log_id, d.number, d.slug, d.author_id, d.source_path, d.version, d.title, d.status, d.decided_on,
  d.deciders, d.tags, d.created_at, d.updated_at, d.deleted_at,
  l.slug as log_slug,
  case when d.number is null then d.slug
       else coalesce(nullif(d.prefix, ''), l.prefix) || '-' || lpad(d.number::text, greatest(4, length(d.number::text)), '0')
       end as ref,
  d.prefix
from decision d
join log l on l.tenant_id = d.tenant_id and l.id = d.log_id;

-- A second row of numbers inside a log, told apart by its prefix: SEC-0001 beside ADR-0001.
create table number_scope (
  tenant_id uuid not null,
  log_id uuid not null,
  prefix text not null check (prefix ~ '^[A-Z][A-Z0-9]{0,15}$'),
  next_number integer not null default 1,
  primary key (tenant_id, log_id, prefix),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

-- A number given out before its decision exists. It is used once a decision of the log has it.
create table number_reservation (
  tenant_id uuid not null,
  id uuid not null,
  log_id uuid not null,
  prefix text not null default '',
  number integer not null check (number >= 0),
  person_id uuid not null,
  person_name text not null,
  purpose text not null default '',
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, log_id, prefix, number),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

-- Relations that people state. `section` narrows a supersession or an amendment to one heading of the target.
create table decision_relation (
  tenant_id uuid not null,
  id uuid not null,
  source_id uuid not null,
  kind text not null check (kind in ('relates_to', 'supersedes', 'amends', 'depends_on', 'conflicts_with', 'implements')),
  target_id uuid not null check (target_id <> source_id),
  section text not null default '' check (length(section) <= 500),
  person_id uuid not null,
  person_name text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, source_id, kind, target_id, section),
  foreign key (tenant_id, source_id) references decision (tenant_id, id) on delete cascade,
  foreign key (tenant_id, target_id) references decision (tenant_id, id) on delete cascade
);
create index decision_relation_by_target on decision_relation (tenant_id, target_id);

alter table decision_link drop constraint decision_link_kind_check;
alter table decision_link add constraint decision_link_kind_check check (kind in ('relates_to', 'supersedes', 'amends',
  'depends_on', 'superseded_by', 'amended_by', 'conflicts_with', 'implements'));

-- Every edge once for each who says it, in one direction: a text's "superseded by" is its successor's "supersedes".
-- Three branches rather than one with CASE, so that a condition on either end reaches an index.
create view decision_edge with (security_invoker = true) as
select r.tenant_id, r.source_id, r.kind, r.target_id, r.section, r.id as relation_id
from decision_relation r
union all
select k.tenant_id, k.decision_id, k.kind, k.target_id, '', null
from decision_link k
where k.target_id is not null and k.target_id <> k.decision_id and k.kind not in ('superseded_by', 'amended_by')
union all
select k.tenant_id, k.target_id, case k.kind when 'superseded_by' then 'supersedes' else 'amends' end, k.decision_id, '', null
from decision_link k
where k.target_id is not null and k.target_id <> k.decision_id and k.kind in ('superseded_by', 'amended_by');

-- An approval is of a text: it counts while the text that is to be accepted has the same hash.
create table decision_approval (
  tenant_id uuid not null,
  id uuid not null,
  decision_id uuid not null,
  version integer not null check (version > 0),
  content_hash bytea not null check (length(content_hash) = 32),
  text_hash bytea not null check (length(text_hash) = 32),
  person_id uuid not null,
  person_name text not null,
  note text not null default '' check (length(note) <= 2000),
  created_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade
);
create unique index decision_approval_once on decision_approval (tenant_id, decision_id, person_id, text_hash)
  where withdrawn_at is null;

-- A comment on lines of a version, or an answer to one. Lines are 1-based and inclusive; 0 is the whole text.
create table decision_comment (
  tenant_id uuid not null,
  id uuid not null,
  decision_id uuid not null,
  parent_id uuid,
  version integer not null check (version > 0),
  first_line integer not null default 0 check (first_line >= 0),
  last_line integer not null default 0 check (last_line >= first_line),
  body text not null check (length(body) between 1 and 20000),
  author_id uuid not null,
  author_name text not null,
  created_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by text not null default '',
  primary key (tenant_id, id),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade,
  foreign key (tenant_id, parent_id) references decision_comment (tenant_id, id) on delete cascade
);
create index decision_comment_by_decision on decision_comment (tenant_id, decision_id, created_at);
create index decision_comment_by_parent on decision_comment (tenant_id, parent_id);

-- Who looks after a decision, and when it is to be looked at again.
create table decision_care (
  tenant_id uuid not null,
  decision_id uuid not null,
  owner_id uuid,
  owner_name text not null default '',
  review_on date,
  every_months smallint not null default 0 check (every_months between 0 and 120),
  reviewed_at timestamptz,
  primary key (tenant_id, decision_id),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade,
  foreign key (tenant_id, owner_id) references person (tenant_id, id) on delete set null (owner_id)
);
create index decision_care_by_review on decision_care (tenant_id, review_on) where review_on is not null;
create index decision_care_by_owner on decision_care (tenant_id, owner_id) where owner_id is not null;

-- Who wants to hear of changes, and the version they last saw.
create table decision_watch (
  tenant_id uuid not null,
  person_id uuid not null,
  decision_id uuid not null,
  seen_version integer not null check (seen_version >= 0),
  created_at timestamptz not null,
  primary key (tenant_id, person_id, decision_id),
  foreign key (tenant_id, decision_id) references decision (tenant_id, id) on delete cascade,
  foreign key (tenant_id, person_id) references person (tenant_id, id) on delete cascade
);
create index decision_watch_by_decision on decision_watch (tenant_id, decision_id);

-- A calendar program sends no headers, so its address holds a token that opens review dates and nothing else.
create table calendar_feed (
  tenant_id uuid not null,
  person_id uuid not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  created_at timestamptz not null,
  primary key (tenant_id, person_id),
  foreign key (tenant_id, person_id) references person (tenant_id, id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['number_scope', 'number_reservation', 'decision_relation', 'decision_approval',
                              'decision_comment', 'decision_care', 'decision_watch', 'calendar_feed']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant_only on %I using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()))', name);
  end loop;
end
$$;

-- What is said of a draft is seen by those who see the draft.
create policy drafts on decision_approval as restrictive for select
  using (exists (select from decision d where d.tenant_id = decision_approval.tenant_id and d.id = decision_id));
create policy drafts on decision_comment as restrictive for select
  using (exists (select from decision d where d.tenant_id = decision_comment.tenant_id and d.id = decision_id));
-- As with API tokens: whoever holds the hash may read that one row before the tenant is known.
create policy by_hash on calendar_feed for select
  using (token_hash = (select decode(nullif(current_setting('app.token_hash', true), ''), 'hex')));

grant select, insert, update, delete on number_scope, number_reservation, decision_relation, decision_comment,
  decision_care, decision_watch, calendar_feed to cairn_app;
grant select, insert, update on decision_approval to cairn_app;
grant select on decision_edge to cairn_app;
