CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

CREATE FUNCTION public.app_person() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.person'::text, true), ''::text))::uuid;

CREATE FUNCTION public.app_reviews() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (COALESCE(current_setting('app.role'::text, true), ''::text) = ANY (ARRAY['reviewer'::text, 'maintainer'::text, 'admin'::text, 'system'::text]));

CREATE FUNCTION public.app_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid;

CREATE TABLE public.decision (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    log_id uuid NOT NULL,
    number integer,
    slug text NOT NULL,
    author_id uuid NOT NULL,
    source_path text DEFAULT ''::text NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    decided_on date,
    deciders text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    prefix text DEFAULT ''::text NOT NULL,
    applies_to text[] DEFAULT '{}'::text[] NOT NULL,
    components text[] DEFAULT '{}'::text[] NOT NULL,
    categories text[] DEFAULT '{}'::text[] NOT NULL,
    sort_number integer GENERATED ALWAYS AS (COALESCE(number, 2147483647)) STORED NOT NULL,
    title_key text GENERATED ALWAYS AS (lower(title)) STORED NOT NULL,
    CONSTRAINT decision_number_check CHECK ((number >= 0)),
    CONSTRAINT decision_prefix_check CHECK (((prefix = ''::text) OR (prefix ~ '^[A-Za-z][A-Za-z0-9]{0,15}$'::text))),
    CONSTRAINT decision_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'proposed'::text, 'accepted'::text, 'rejected'::text, 'deprecated'::text, 'superseded'::text]))),
    CONSTRAINT decision_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.decision FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.change_facet_tallies(d public.decision, by_count integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  owner uuid;
begin
  if d.deleted_at is not null then
    return;
  end if;
  if d.applies_to <> '{}' or d.components <> '{}' then
    perform change_facet_tally(d, 'governs', '00000000-0000-0000-0000-000000000000', by_count);
  end if;
  select c.owner_id into owner from decision_care c where c.tenant_id = d.tenant_id and c.decision_id = d.id;
  if owner is not null then
    perform change_facet_tally(d, 'owner', owner, by_count);
  end if;
end
$$;

CREATE FUNCTION public.change_facet_tally(d public.decision, facet text, owner_id uuid, by_count integer) RETURNS void
    LANGUAGE sql
    AS $$
  insert into decision_facet_tally (tenant_id, facet, owner_id, log_id, status, draft_author, count)
  values (d.tenant_id, facet, owner_id, d.log_id, d.status,
    case when d.status = 'draft' then d.author_id else '00000000-0000-0000-0000-000000000000' end, by_count);
$$;

CREATE FUNCTION public.change_tally(d public.decision, by_count integer) RETURNS void
    LANGUAGE sql
    AS $$
  insert into decision_tally_change (tenant_id, log_id, status, tag, draft_author, count)
  select d.tenant_id, d.log_id, d.status, counted.tag,
    case when d.status = 'draft' then d.author_id else '00000000-0000-0000-0000-000000000000' end, by_count
  from (select '' as tag union all select distinct tag from unnest(d.tags) as tag where tag <> '') counted;
$$;

CREATE FUNCTION public.lease_allowance(p_kind text, p_subject uuid, p_window timestamp with time zone, p_holder uuid, p_limit bigint, p_need bigint, p_seconds integer) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
  v_spent bigint;
  v_leased bigint;
  v_dead bigint;
  v_left bigint;
  v_granted bigint;
begin
  insert into allowance (tenant_id, kind, subject, window_start) values (app_tenant(), p_kind, p_subject, p_window)
    on conflict do nothing;
  select spent, leased into v_spent, v_leased from allowance
    where kind = p_kind and subject = p_subject and window_start = p_window for update;
  with gone as (
    delete from allowance_lease
    where kind = p_kind and subject = p_subject and window_start = p_window and expires_at < now() and holder <> p_holder
    returning amount
  ) select coalesce(sum(amount), 0) into v_dead from gone;
  v_leased := v_leased - v_dead;
  if p_kind <> 'streams' then
    v_spent := v_spent + v_dead;
  end if;
  if v_dead > 0 and p_kind = 'money' and p_subject = app_tenant() then
    insert into model_call (tenant_id, id, call_id, attempt, person_id, started_at, endpoint, asked_model, provider, model,
                            outcome, estimated, input_tokens, output_tokens, cost_micros, duration_ms)
    values (app_tenant(), uuidv7(), uuidv7(), 1, '00000000-0000-0000-0000-000000000000', now(), '', '', '', '',
            'lost', true, 0, 0, v_dead, 0);
  end if;
  v_left := p_limit - v_spent - v_leased;
  v_granted := case when v_left >= p_need then greatest(p_need, least(v_left / 16, p_need * 16)) else 0 end;
  update allowance set spent = v_spent, leased = v_leased + v_granted
    where kind = p_kind and subject = p_subject and window_start = p_window;
  if v_granted > 0 then
    insert into allowance_lease as l (tenant_id, kind, subject, window_start, holder, amount, expires_at)
    values (app_tenant(), p_kind, p_subject, p_window, p_holder, v_granted, now() + make_interval(secs => p_seconds))
    on conflict (tenant_id, kind, subject, window_start, holder)
      do update set amount = l.amount + excluded.amount, expires_at = excluded.expires_at;
  end if;
  return v_granted;
end
$$;

CREATE FUNCTION public.search_forget() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  delete from search_record
  where tenant_id = old.tenant_id and source = tg_argv[0] and source_id = old.id and decision_id is null;
  return null;
end
$$;

CREATE FUNCTION public.settle_allowance(p_kind text, p_subject uuid, p_window timestamp with time zone, p_holder uuid, p_spent bigint, p_unleased bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
  v_held bigint;
  v_spent bigint;
begin
  insert into allowance (tenant_id, kind, subject, window_start) values (app_tenant(), p_kind, p_subject, p_window)
    on conflict do nothing;
  perform from allowance where kind = p_kind and subject = p_subject and window_start = p_window for update;
  select amount into v_held from allowance_lease
    where kind = p_kind and subject = p_subject and window_start = p_window and holder = p_holder;
  if v_held is null then
    p_spent := greatest(0, p_spent - p_unleased);
    p_unleased := 0;
  else
    p_unleased := least(p_unleased, v_held);
    update allowance_lease set amount = amount - p_unleased
      where kind = p_kind and subject = p_subject and window_start = p_window and holder = p_holder;
  end if;
  update allowance set spent = spent + p_spent, leased = leased - p_unleased
    where kind = p_kind and subject = p_subject and window_start = p_window
    returning spent into v_spent;
  return v_spent;
end
$$;

CREATE FUNCTION public.tally_decision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op <> 'INSERT' and old.deleted_at is null then
    perform change_tally(old, -1);
  end if;
  if tg_op <> 'DELETE' and new.deleted_at is null then
    perform change_tally(new, 1);
  end if;
  return null;
end
$$;

CREATE FUNCTION public.tally_decision_facets() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op <> 'INSERT' then
    perform change_facet_tallies(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform change_facet_tallies(new, 1);
    return new;
  end if;
  return old;
end
$$;

CREATE FUNCTION public.tally_owner() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
  d decision;
begin
  -- One that is being removed is counted out by its own trigger, before this row goes with it.
  select * into d from decision where tenant_id = coalesce(new.tenant_id, old.tenant_id)
    and id = coalesce(new.decision_id, old.decision_id) and deleted_at is null;
  if not found then
    return null;
  end if;
  if tg_op <> 'INSERT' and old.owner_id is not null then
    perform change_facet_tally(d, 'owner', old.owner_id, -1);
  end if;
  if tg_op <> 'DELETE' and new.owner_id is not null then
    perform change_facet_tally(d, 'owner', new.owner_id, 1);
  end if;
  return null;
end
$$;

CREATE TABLE public.allowance (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    window_start timestamp with time zone NOT NULL,
    spent bigint DEFAULT 0 NOT NULL,
    leased bigint DEFAULT 0 NOT NULL,
    CONSTRAINT allowance_kind_check CHECK ((kind = ANY (ARRAY['requests'::text, 'first_day'::text, 'streams'::text, 'tokens'::text, 'money'::text]))),
    CONSTRAINT allowance_leased_check CHECK ((leased >= 0)),
    CONSTRAINT allowance_spent_check CHECK ((spent >= 0))
);

ALTER TABLE ONLY public.allowance FORCE ROW LEVEL SECURITY;

CREATE TABLE public.allowance_lease (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    window_start timestamp with time zone NOT NULL,
    holder uuid NOT NULL,
    amount bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT allowance_lease_amount_check CHECK ((amount >= 0))
);

ALTER TABLE ONLY public.allowance_lease FORCE ROW LEVEL SECURITY;

CREATE TABLE public.api_token (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT api_token_scopes_check CHECK ((scopes <@ ARRAY['read'::text, 'write'::text, 'import'::text, 'ask'::text, 'configure'::text])),
    CONSTRAINT api_token_token_hash_check CHECK ((length(token_hash) = 32))
);

ALTER TABLE ONLY public.api_token FORCE ROW LEVEL SECURITY;

CREATE TABLE public.bulk_edit (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    description text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone
);

ALTER TABLE ONLY public.bulk_edit FORCE ROW LEVEL SECURITY;

CREATE TABLE public.bulk_edit_item (
    tenant_id uuid NOT NULL,
    bulk_edit_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    version_before integer NOT NULL,
    version_after integer NOT NULL,
    owner_before uuid,
    review_before date,
    months_before smallint,
    owner_after uuid,
    review_after date,
    months_after smallint,
    CONSTRAINT bulk_edit_item_check CHECK (((version_after > version_before) OR ((version_after = version_before) AND (months_after IS NOT NULL)))),
    CONSTRAINT bulk_edit_item_upkeep_check CHECK (((months_before IS NULL) = (months_after IS NULL))),
    CONSTRAINT bulk_edit_item_version_before_check CHECK ((version_before > 0))
);

ALTER TABLE ONLY public.bulk_edit_item FORCE ROW LEVEL SECURITY;

CREATE TABLE public.calendar_feed (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT calendar_feed_token_hash_check CHECK ((length(token_hash) = 32))
);

ALTER TABLE ONLY public.calendar_feed FORCE ROW LEVEL SECURITY;

CREATE TABLE public.component (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    name text NOT NULL,
    paths text[] NOT NULL,
    CONSTRAINT component_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.component FORCE ROW LEVEL SECURITY;

CREATE TABLE public.consumer_offset (
    tenant_id uuid NOT NULL,
    group_name text NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    deliveries integer DEFAULT 0 NOT NULL,
    careful_until bigint DEFAULT 0 NOT NULL,
    CONSTRAINT consumer_offset_position_check CHECK (("position" >= 0))
);

ALTER TABLE ONLY public.consumer_offset FORCE ROW LEVEL SECURITY;

CREATE TABLE public.conversation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    title text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text DEFAULT 'ask'::text NOT NULL,
    shared_at timestamp with time zone,
    deleted_at timestamp with time zone,
    CONSTRAINT conversation_kind_check CHECK ((kind = ANY (ARRAY['ask'::text, 'draft'::text]))),
    CONSTRAINT conversation_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200)))
);

ALTER TABLE ONLY public.conversation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_approval (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    decision_id uuid NOT NULL,
    version integer NOT NULL,
    content_hash bytea NOT NULL,
    text_hash bytea NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT decision_approval_content_hash_check CHECK ((length(content_hash) = 32)),
    CONSTRAINT decision_approval_note_check CHECK ((length(note) <= 2000)),
    CONSTRAINT decision_approval_text_hash_check CHECK ((length(text_hash) = 32)),
    CONSTRAINT decision_approval_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.decision_approval FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_care (
    tenant_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    owner_id uuid,
    owner_name text DEFAULT ''::text NOT NULL,
    review_on date,
    every_months smallint DEFAULT 0 NOT NULL,
    reviewed_at timestamp with time zone,
    CONSTRAINT decision_care_every_months_check CHECK (((every_months >= 0) AND (every_months <= 120)))
);

ALTER TABLE ONLY public.decision_care FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_comment (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    decision_id uuid NOT NULL,
    parent_id uuid,
    version integer NOT NULL,
    first_line integer DEFAULT 0 NOT NULL,
    last_line integer DEFAULT 0 NOT NULL,
    body text NOT NULL,
    author_id uuid NOT NULL,
    author_name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    resolved_by text DEFAULT ''::text NOT NULL,
    CONSTRAINT decision_comment_body_check CHECK (((length(body) >= 1) AND (length(body) <= 20000))),
    CONSTRAINT decision_comment_check CHECK ((last_line >= first_line)),
    CONSTRAINT decision_comment_first_line_check CHECK ((first_line >= 0)),
    CONSTRAINT decision_comment_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.decision_comment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_commit (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    commit_id text NOT NULL,
    path text NOT NULL,
    decision_id uuid NOT NULL,
    CONSTRAINT decision_commit_commit_id_check CHECK ((commit_id ~ '^[0-9a-f]{40,64}$'::text))
);

ALTER TABLE ONLY public.decision_commit FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_link (
    tenant_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    target_id uuid,
    CONSTRAINT decision_link_kind_check CHECK ((kind = ANY (ARRAY['relates_to'::text, 'supersedes'::text, 'amends'::text, 'depends_on'::text, 'superseded_by'::text, 'amended_by'::text, 'conflicts_with'::text, 'implements'::text])))
);

ALTER TABLE ONLY public.decision_link FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_relation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    kind text NOT NULL,
    target_id uuid NOT NULL,
    section text DEFAULT ''::text NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT decision_relation_check CHECK ((target_id <> source_id)),
    CONSTRAINT decision_relation_kind_check CHECK ((kind = ANY (ARRAY['relates_to'::text, 'supersedes'::text, 'amends'::text, 'depends_on'::text, 'conflicts_with'::text, 'implements'::text]))),
    CONSTRAINT decision_relation_section_check CHECK ((length(section) <= 500))
);

ALTER TABLE ONLY public.decision_relation FORCE ROW LEVEL SECURITY;

CREATE VIEW public.decision_edge WITH (security_invoker='true') AS
 SELECT r.tenant_id,
    r.source_id,
    r.kind,
    r.target_id,
    r.section,
    r.id AS relation_id
   FROM public.decision_relation r
UNION ALL
 SELECT k.tenant_id,
    k.decision_id AS source_id,
    k.kind,
    k.target_id,
    ''::text AS section,
    NULL::uuid AS relation_id
   FROM public.decision_link k
  WHERE ((k.target_id IS NOT NULL) AND (k.target_id <> k.decision_id) AND (k.kind <> ALL (ARRAY['superseded_by'::text, 'amended_by'::text])))
UNION ALL
 SELECT k.tenant_id,
    k.target_id AS source_id,
        CASE k.kind
            WHEN 'superseded_by'::text THEN 'supersedes'::text
            ELSE 'amends'::text
        END AS kind,
    k.decision_id AS target_id,
    ''::text AS section,
    NULL::uuid AS relation_id
   FROM public.decision_link k
  WHERE ((k.target_id IS NOT NULL) AND (k.target_id <> k.decision_id) AND (k.kind = ANY (ARRAY['superseded_by'::text, 'amended_by'::text])));

CREATE TABLE public.decision_facet_tally (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    facet text NOT NULL,
    owner_id uuid NOT NULL,
    log_id uuid NOT NULL,
    status text NOT NULL,
    draft_author uuid NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT decision_facet_tally_facet_check CHECK ((facet = ANY (ARRAY['owner'::text, 'governs'::text])))
);

ALTER TABLE ONLY public.decision_facet_tally FORCE ROW LEVEL SECURITY;

ALTER TABLE public.decision_facet_tally ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.decision_facet_tally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.decision_former_name (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    name text NOT NULL,
    decision_id uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT decision_former_name_name_check CHECK (((length(name) >= 1) AND (length(name) <= 1000)))
);

ALTER TABLE ONLY public.decision_former_name FORCE ROW LEVEL SECURITY;

CREATE VIEW public.decision_neighbour WITH (security_invoker='true') AS
 SELECT k.tenant_id,
    k.decision_id,
    true AS outgoing,
    k."position",
    k.kind,
    k.target,
    k.target_id AS other_id,
    ''::text AS section,
    NULL::uuid AS relation_id
   FROM public.decision_link k
UNION ALL
 SELECT k.tenant_id,
    k.target_id AS decision_id,
    false AS outgoing,
    k."position",
    k.kind,
    k.target,
    k.decision_id AS other_id,
    ''::text AS section,
    NULL::uuid AS relation_id
   FROM public.decision_link k
  WHERE (k.decision_id <> k.target_id)
UNION ALL
 SELECT r.tenant_id,
    r.source_id AS decision_id,
    true AS outgoing,
    0 AS "position",
    r.kind,
    ''::text AS target,
    r.target_id AS other_id,
    r.section,
    r.id AS relation_id
   FROM public.decision_relation r
UNION ALL
 SELECT r.tenant_id,
    r.target_id AS decision_id,
    false AS outgoing,
    0 AS "position",
    r.kind,
    ''::text AS target,
    r.source_id AS other_id,
    r.section,
    r.id AS relation_id
   FROM public.decision_relation r;

CREATE TABLE public.log (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    next_number integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    status_names jsonb DEFAULT '{}'::jsonb NOT NULL,
    required_approvals smallint DEFAULT 0 NOT NULL,
    template text DEFAULT 'madr'::text NOT NULL,
    CONSTRAINT log_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT log_prefix_check CHECK ((prefix ~ '^[A-Za-z][A-Za-z0-9]{0,15}$'::text)),
    CONSTRAINT log_required_approvals_check CHECK (((required_approvals >= 0) AND (required_approvals <= 20))),
    CONSTRAINT log_slug_check CHECK ((slug ~ '^[a-z0-9][a-z0-9._-]{0,99}$'::text)),
    CONSTRAINT log_status_names_check CHECK ((jsonb_typeof(status_names) = 'object'::text)),
    CONSTRAINT log_template_check CHECK (((length(template) >= 1) AND (length(template) <= 100)))
);

ALTER TABLE ONLY public.log FORCE ROW LEVEL SECURITY;

CREATE VIEW public.decision_row WITH (security_invoker='true') AS
 SELECT d.tenant_id,
    d.id,
    d.log_id,
    d.number,
    d.slug,
    d.author_id,
    d.source_path,
    d.version,
    d.title,
    d.status,
    d.decided_on,
    d.deciders,
    d.tags,
    d.created_at,
    d.updated_at,
    d.deleted_at,
    l.slug AS log_slug,
        CASE
            WHEN (d.number IS NULL) THEN d.slug
            ELSE ((COALESCE(NULLIF(d.prefix, ''::text), l.prefix) || '-'::text) || lpad((d.number)::text, GREATEST(4, length((d.number)::text)), '0'::text))
        END AS ref,
    d.prefix
   FROM (public.decision d
     JOIN public.log l ON (((l.tenant_id = d.tenant_id) AND (l.id = d.log_id))));

CREATE TABLE public.decision_tally (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    status text NOT NULL,
    tag text NOT NULL,
    draft_author uuid NOT NULL,
    count bigint NOT NULL
);

ALTER TABLE ONLY public.decision_tally FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_tally_change (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    log_id uuid NOT NULL,
    status text NOT NULL,
    tag text NOT NULL,
    draft_author uuid NOT NULL,
    count bigint NOT NULL
);

ALTER TABLE ONLY public.decision_tally_change FORCE ROW LEVEL SECURITY;

ALTER TABLE public.decision_tally_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.decision_tally_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.decision_version (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    decision_id uuid NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    status_text text DEFAULT ''::text NOT NULL,
    decided_on date,
    deciders text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    body text NOT NULL,
    content_hash bytea NOT NULL,
    source bytea,
    author_id uuid NOT NULL,
    author_name text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    applies_to text[] DEFAULT '{}'::text[] NOT NULL,
    components text[] DEFAULT '{}'::text[] NOT NULL,
    categories text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT decision_version_content_hash_check CHECK ((length(content_hash) = 32)),
    CONSTRAINT decision_version_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'proposed'::text, 'accepted'::text, 'rejected'::text, 'deprecated'::text, 'superseded'::text]))),
    CONSTRAINT decision_version_version_check CHECK ((version > 0))
);
ALTER TABLE ONLY public.decision_version ALTER COLUMN body SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.decision_version FORCE ROW LEVEL SECURITY;

CREATE TABLE public.decision_watch (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    seen_version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT decision_watch_seen_version_check CHECK ((seen_version >= 0))
);

ALTER TABLE ONLY public.decision_watch FORCE ROW LEVEL SECURITY;

CREATE TABLE public.doctor_acknowledgement (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    finding text NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT doctor_acknowledgement_finding_check CHECK (((length(finding) >= 1) AND (length(finding) <= 300)))
);

ALTER TABLE ONLY public.doctor_acknowledgement FORCE ROW LEVEL SECURITY;

CREATE TABLE public.event (
    tenant_id uuid NOT NULL,
    "position" bigint NOT NULL,
    type text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.event FORCE ROW LEVEL SECURITY;

CREATE TABLE public.event_head (
    tenant_id uuid NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT event_head_position_check CHECK (("position" > 0))
);

ALTER TABLE ONLY public.event_head FORCE ROW LEVEL SECURITY;

CREATE TABLE public.generation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    question text NOT NULL,
    model text NOT NULL,
    extracts_only boolean NOT NULL,
    log_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    ended boolean DEFAULT false NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    stop_requested_at timestamp with time zone,
    watched_at timestamp with time zone,
    last_sequence bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    after_id uuid,
    decision_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    as_of date,
    term smallint DEFAULT 0 NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    CONSTRAINT generation_language_check CHECK ((length(language) <= 35)),
    CONSTRAINT generation_question_check CHECK (((length(question) >= 1) AND (length(question) <= 8000))),
    CONSTRAINT generation_term_check CHECK ((term >= 0))
);

ALTER TABLE ONLY public.generation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.generation_event (
    tenant_id uuid NOT NULL,
    generation_id uuid NOT NULL,
    sequence bigint NOT NULL,
    person_id uuid NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT generation_event_body_check CHECK ((length(body) <= 1048576)),
    CONSTRAINT generation_event_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE ONLY public.generation_event FORCE ROW LEVEL SECURITY;

CREATE TABLE public.import_file (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    path text NOT NULL,
    outcome text NOT NULL,
    format text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    fields jsonb DEFAULT '[]'::jsonb NOT NULL,
    decision_id uuid,
    source bytea,
    phrases jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT import_file_outcome_check CHECK ((outcome = ANY (ARRAY['created'::text, 'updated'::text, 'unchanged'::text, 'left_out'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.import_file FORCE ROW LEVEL SECURITY;

CREATE TABLE public.import_run (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    log_id uuid NOT NULL,
    person_id uuid NOT NULL,
    source text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    links_resolved integer DEFAULT 0 NOT NULL,
    links_unresolved integer DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.import_run FORCE ROW LEVEL SECURITY;

CREATE TABLE public.model_call (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    attempt smallint NOT NULL,
    person_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    endpoint text NOT NULL,
    asked_model text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    outcome text NOT NULL,
    failure text DEFAULT ''::text NOT NULL,
    estimated boolean NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cached_input_tokens bigint DEFAULT 0 NOT NULL,
    cost_micros bigint NOT NULL,
    first_token_ms integer,
    duration_ms integer NOT NULL,
    continued boolean DEFAULT false NOT NULL,
    CONSTRAINT model_call_attempt_check CHECK ((attempt > 0)),
    CONSTRAINT model_call_cost_micros_check CHECK ((cost_micros >= 0)),
    CONSTRAINT model_call_input_tokens_check CHECK ((input_tokens >= 0)),
    CONSTRAINT model_call_outcome_check CHECK ((outcome = ANY (ARRAY['completed'::text, 'failed'::text, 'failed_over'::text, 'aborted'::text, 'refused'::text, 'lost'::text, 'cached'::text]))),
    CONSTRAINT model_call_output_tokens_check CHECK ((output_tokens >= 0))
);

ALTER TABLE ONLY public.model_call FORCE ROW LEVEL SECURITY;

CREATE TABLE public.number_reservation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    log_id uuid NOT NULL,
    prefix text DEFAULT ''::text NOT NULL,
    number integer NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT number_reservation_number_check CHECK ((number >= 0))
);

ALTER TABLE ONLY public.number_reservation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.number_scope (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    prefix text NOT NULL,
    next_number integer DEFAULT 1 NOT NULL,
    CONSTRAINT number_scope_prefix_check CHECK ((prefix ~ '^[A-Z][A-Z0-9]{0,15}$'::text))
);

ALTER TABLE ONLY public.number_scope FORCE ROW LEVEL SECURITY;

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    type text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT outbox_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
    CONSTRAINT outbox_payload_check CHECK ((jsonb_typeof(payload) = 'object'::text)),
    CONSTRAINT outbox_type_check CHECK (((length(type) >= 1) AND (length(type) <= 100)))
);

ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.parked_event (
    tenant_id uuid NOT NULL,
    group_name text NOT NULL,
    "position" bigint NOT NULL,
    key text NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    dead boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.parked_event FORCE ROW LEVEL SECURITY;

CREATE TABLE public.person (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT person_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT person_role_check CHECK ((role = ANY (ARRAY['author'::text, 'reviewer'::text, 'maintainer'::text, 'admin'::text])))
);

ALTER TABLE ONLY public.person FORCE ROW LEVEL SECURITY;

CREATE TABLE public.provider (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    base_url text DEFAULT ''::text NOT NULL,
    models text[] NOT NULL,
    sealed_key bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT provider_base_url_check CHECK ((length(base_url) <= 2000)),
    CONSTRAINT provider_kind_check CHECK ((kind = ANY (ARRAY['anthropic'::text, 'openai'::text, 'openai_compatible'::text, 'gemini'::text, 'azure_openai'::text]))),
    CONSTRAINT provider_models_check CHECK (((cardinality(models) >= 1) AND (cardinality(models) <= 100))),
    CONSTRAINT provider_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'::text))
);

ALTER TABLE ONLY public.provider FORCE ROW LEVEL SECURITY;

CREATE TABLE public.public_decision (
    tenant_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    version integer,
    published_at timestamp with time zone NOT NULL,
    CONSTRAINT public_decision_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.public_decision FORCE ROW LEVEL SECURITY;

CREATE TABLE public.public_log (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    address text NOT NULL,
    whole boolean NOT NULL,
    indexed boolean NOT NULL,
    published_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT public_log_address_check CHECK ((address ~ '^[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?$'::text))
);

ALTER TABLE ONLY public.public_log FORCE ROW LEVEL SECURITY;

CREATE VIEW public.public_record WITH (security_invoker='true') AS
 SELECT d.tenant_id,
    d.log_id,
    d.id,
    d.number,
    d.slug,
    d.ref,
    d.prefix,
    v.version,
    v.title,
    v.status,
    v.decided_on,
    v.deciders,
    v.tags,
    v.body,
    v.content_hash,
    v.created_at AS written_at,
    GREATEST(COALESCE(c.published_at, p.published_at), v.created_at) AS published_at,
    (v.version = d.version) AS current,
    ((d.number IS NOT NULL) AND (EXISTS ( SELECT
           FROM public.decision o
          WHERE ((o.tenant_id = d.tenant_id) AND (o.log_id = d.log_id) AND (o.number = d.number) AND (o.prefix = d.prefix) AND (o.id <> d.id) AND (o.deleted_at IS NULL))))) AS doubled
   FROM (((public.public_log p
     JOIN public.decision_row d ON (((d.tenant_id = p.tenant_id) AND (d.log_id = p.log_id) AND (d.deleted_at IS NULL) AND (d.status <> 'draft'::text))))
     LEFT JOIN public.public_decision c ON (((c.tenant_id = d.tenant_id) AND (c.decision_id = d.id))))
     JOIN LATERAL ( SELECT w.tenant_id,
            w.id,
            w.decision_id,
            w.version,
            w.title,
            w.status,
            w.status_text,
            w.decided_on,
            w.deciders,
            w.tags,
            w.body,
            w.content_hash,
            w.source,
            w.author_id,
            w.author_name,
            w.message,
            w.created_at,
            w.applies_to,
            w.components,
            w.categories
           FROM public.decision_version w
          WHERE ((w.tenant_id = d.tenant_id) AND (w.decision_id = d.id) AND (w.status <> 'draft'::text) AND
                CASE
                    WHEN (c.decision_id IS NOT NULL) THEN (w.version = c.version)
                    ELSE (p.whole AND (w.status = ANY (ARRAY['accepted'::text, 'rejected'::text, 'deprecated'::text, 'superseded'::text])))
                END)
          ORDER BY w.version DESC
         LIMIT 1) v ON (true))
  WHERE (p.withdrawn_at IS NULL);

CREATE TABLE public.record_template (
    tenant_id uuid NOT NULL,
    log_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    body text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT record_template_body_check CHECK ((length(body) <= 100000)),
    CONSTRAINT record_template_description_check CHECK ((length(description) <= 500)),
    CONSTRAINT record_template_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.record_template FORCE ROW LEVEL SECURITY;

CREATE TABLE public.saved_filter (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    shared boolean DEFAULT false NOT NULL,
    filter jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT saved_filter_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY public.saved_filter FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_counter (
    tenant_id uuid NOT NULL,
    next_record integer DEFAULT 1 NOT NULL,
    next_passage integer DEFAULT 1 NOT NULL
);

ALTER TABLE ONLY public.search_counter FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_model (
    tenant_id uuid NOT NULL,
    id smallint NOT NULL,
    name text NOT NULL,
    dimensions integer NOT NULL,
    complete boolean DEFAULT false NOT NULL,
    CONSTRAINT search_model_dimensions_check CHECK (((dimensions >= 1) AND (dimensions <= 4096)))
);

ALTER TABLE ONLY public.search_model FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_passage (
    tenant_id uuid NOT NULL,
    passage_no integer NOT NULL,
    id uuid NOT NULL,
    record_no integer NOT NULL,
    version integer NOT NULL,
    "position" integer NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    heading_path text[] NOT NULL,
    anchor text NOT NULL,
    content text NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT search_passage_check CHECK ((end_offset >= start_offset)),
    CONSTRAINT search_passage_content_hash_check CHECK ((length(content_hash) = 32))
);

ALTER TABLE ONLY public.search_passage FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_posting (
    tenant_id uuid NOT NULL,
    segment_id uuid NOT NULL,
    field smallint NOT NULL,
    bucket integer NOT NULL,
    content bytea NOT NULL
);
ALTER TABLE ONLY public.search_posting ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.search_posting FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_record (
    tenant_id uuid NOT NULL,
    record_no integer NOT NULL,
    decision_id uuid,
    generation integer NOT NULL,
    recipe smallint NOT NULL,
    language text NOT NULL,
    words_version integer NOT NULL,
    meaning_version integer DEFAULT 0 NOT NULL,
    attached_to uuid,
    source text DEFAULT ''::text NOT NULL,
    source_id uuid,
    title text DEFAULT ''::text NOT NULL,
    link text DEFAULT ''::text NOT NULL,
    CONSTRAINT search_record_belongs_check CHECK ((((decision_id IS NOT NULL) AND (attached_to IS NULL) AND (source = ''::text) AND (source_id IS NULL)) OR ((decision_id IS NULL) AND (attached_to IS NOT NULL) AND (source <> ''::text) AND (source_id IS NOT NULL))))
);

ALTER TABLE ONLY public.search_record FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_segment (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    records integer NOT NULL,
    passages integer NOT NULL,
    bytes bigint NOT NULL,
    bucket_bits smallint[] NOT NULL,
    languages text[] NOT NULL,
    documents bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT search_segment_bucket_bits_check CHECK (((cardinality(bucket_bits) >= 4) AND (cardinality(bucket_bits) <= 16)))
);
ALTER TABLE ONLY public.search_segment ALTER COLUMN documents SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.search_segment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_vector (
    tenant_id uuid NOT NULL,
    model smallint NOT NULL,
    passage_no integer NOT NULL,
    record_no integer NOT NULL,
    embedding public.halfvec NOT NULL
);

ALTER TABLE ONLY public.search_vector FORCE ROW LEVEL SECURITY;

CREATE TABLE public.search_vector_block (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    model smallint NOT NULL,
    passages integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT search_vector_block_passages_check CHECK ((passages > 0))
);
ALTER TABLE ONLY public.search_vector_block ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.search_vector_block FORCE ROW LEVEL SECURITY;

CREATE TABLE public.spending_event (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    window_start timestamp with time zone,
    level smallint,
    person_id uuid,
    detail text DEFAULT ''::text NOT NULL,
    CONSTRAINT spending_event_detail_check CHECK ((length(detail) <= 500)),
    CONSTRAINT spending_event_kind_check CHECK ((kind = ANY (ARRAY['alert'::text, 'stopped'::text, 'resumed'::text, 'rule_changed'::text])))
);

ALTER TABLE ONLY public.spending_event FORCE ROW LEVEL SECURITY;

CREATE TABLE public.spending_rule (
    tenant_id uuid NOT NULL,
    subject uuid NOT NULL,
    budget_micros bigint,
    soft boolean DEFAULT false NOT NULL,
    requests_per_minute bigint,
    streams bigint,
    tokens_per_day bigint,
    first_day_requests bigint,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT spending_rule_budget_micros_check CHECK ((budget_micros >= 0)),
    CONSTRAINT spending_rule_first_day_requests_check CHECK ((first_day_requests >= 0)),
    CONSTRAINT spending_rule_requests_per_minute_check CHECK ((requests_per_minute >= 0)),
    CONSTRAINT spending_rule_streams_check CHECK ((streams >= 0)),
    CONSTRAINT spending_rule_tokens_per_day_check CHECK ((tokens_per_day >= 0))
);

ALTER TABLE ONLY public.spending_rule FORCE ROW LEVEL SECURITY;

CREATE TABLE public.spending_stop (
    tenant_id uuid NOT NULL,
    stopped_at timestamp with time zone,
    override_until timestamp with time zone
);

ALTER TABLE ONLY public.spending_stop FORCE ROW LEVEL SECURITY;

CREATE TABLE public.tenant (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenant_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY public.allowance_lease
    ADD CONSTRAINT allowance_lease_pkey PRIMARY KEY (tenant_id, kind, subject, window_start, holder);

ALTER TABLE ONLY public.allowance
    ADD CONSTRAINT allowance_pkey PRIMARY KEY (tenant_id, kind, subject, window_start);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.bulk_edit_item
    ADD CONSTRAINT bulk_edit_item_pkey PRIMARY KEY (tenant_id, bulk_edit_id, decision_id);

ALTER TABLE ONLY public.bulk_edit
    ADD CONSTRAINT bulk_edit_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.calendar_feed
    ADD CONSTRAINT calendar_feed_pkey PRIMARY KEY (tenant_id, person_id);

ALTER TABLE ONLY public.calendar_feed
    ADD CONSTRAINT calendar_feed_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.component
    ADD CONSTRAINT component_pkey PRIMARY KEY (tenant_id, log_id, name);

ALTER TABLE ONLY public.consumer_offset
    ADD CONSTRAINT consumer_offset_pkey PRIMARY KEY (tenant_id, group_name);

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_approval
    ADD CONSTRAINT decision_approval_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_care
    ADD CONSTRAINT decision_care_pkey PRIMARY KEY (tenant_id, decision_id);

ALTER TABLE ONLY public.decision_comment
    ADD CONSTRAINT decision_comment_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_commit
    ADD CONSTRAINT decision_commit_pkey PRIMARY KEY (tenant_id, log_id, commit_id, path);

ALTER TABLE ONLY public.decision_facet_tally
    ADD CONSTRAINT decision_facet_tally_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_former_name
    ADD CONSTRAINT decision_former_name_pkey PRIMARY KEY (tenant_id, log_id, name);

ALTER TABLE ONLY public.decision_link
    ADD CONSTRAINT decision_link_pkey PRIMARY KEY (tenant_id, decision_id, "position");

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_relation
    ADD CONSTRAINT decision_relation_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_relation
    ADD CONSTRAINT decision_relation_tenant_id_source_id_kind_target_id_sectio_key UNIQUE (tenant_id, source_id, kind, target_id, section);

ALTER TABLE ONLY public.decision_tally_change
    ADD CONSTRAINT decision_tally_change_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_tally
    ADD CONSTRAINT decision_tally_pkey PRIMARY KEY (tenant_id, log_id, status, tag, draft_author);

ALTER TABLE ONLY public.decision_version
    ADD CONSTRAINT decision_version_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.decision_version
    ADD CONSTRAINT decision_version_tenant_id_decision_id_version_key UNIQUE (tenant_id, decision_id, version);

ALTER TABLE ONLY public.decision_watch
    ADD CONSTRAINT decision_watch_pkey PRIMARY KEY (tenant_id, person_id, decision_id);

ALTER TABLE ONLY public.doctor_acknowledgement
    ADD CONSTRAINT doctor_acknowledgement_pkey PRIMARY KEY (tenant_id, log_id, finding);

ALTER TABLE ONLY public.event_head
    ADD CONSTRAINT event_head_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (tenant_id, "position");

ALTER TABLE ONLY public.generation_event
    ADD CONSTRAINT generation_event_pkey PRIMARY KEY (tenant_id, generation_id, sequence);

ALTER TABLE ONLY public.generation
    ADD CONSTRAINT generation_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_pkey PRIMARY KEY (tenant_id, import_id, path);

ALTER TABLE ONLY public.import_run
    ADD CONSTRAINT import_run_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.log
    ADD CONSTRAINT log_tenant_id_slug_key UNIQUE (tenant_id, slug);

ALTER TABLE ONLY public.model_call
    ADD CONSTRAINT model_call_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.number_reservation
    ADD CONSTRAINT number_reservation_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.number_reservation
    ADD CONSTRAINT number_reservation_tenant_id_log_id_prefix_number_key UNIQUE (tenant_id, log_id, prefix, number);

ALTER TABLE ONLY public.number_scope
    ADD CONSTRAINT number_scope_pkey PRIMARY KEY (tenant_id, log_id, prefix);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.parked_event
    ADD CONSTRAINT parked_event_pkey PRIMARY KEY (tenant_id, group_name, "position");

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.public_decision
    ADD CONSTRAINT public_decision_pkey PRIMARY KEY (tenant_id, decision_id);

ALTER TABLE ONLY public.public_log
    ADD CONSTRAINT public_log_address_key UNIQUE (address);

ALTER TABLE ONLY public.public_log
    ADD CONSTRAINT public_log_pkey PRIMARY KEY (tenant_id, log_id);

ALTER TABLE ONLY public.record_template
    ADD CONSTRAINT record_template_pkey PRIMARY KEY (tenant_id, log_id, name);

ALTER TABLE ONLY public.saved_filter
    ADD CONSTRAINT saved_filter_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.saved_filter
    ADD CONSTRAINT saved_filter_tenant_id_person_id_name_key UNIQUE (tenant_id, person_id, name);

ALTER TABLE ONLY public.search_counter
    ADD CONSTRAINT search_counter_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.search_model
    ADD CONSTRAINT search_model_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.search_model
    ADD CONSTRAINT search_model_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.search_passage
    ADD CONSTRAINT search_passage_pkey PRIMARY KEY (tenant_id, passage_no);

ALTER TABLE ONLY public.search_passage
    ADD CONSTRAINT search_passage_tenant_id_id_key UNIQUE (tenant_id, id);

ALTER TABLE ONLY public.search_posting
    ADD CONSTRAINT search_posting_pkey PRIMARY KEY (tenant_id, segment_id, field, bucket);

ALTER TABLE ONLY public.search_record
    ADD CONSTRAINT search_record_pkey PRIMARY KEY (tenant_id, record_no);

ALTER TABLE ONLY public.search_segment
    ADD CONSTRAINT search_segment_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.search_vector_block
    ADD CONSTRAINT search_vector_block_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.search_vector
    ADD CONSTRAINT search_vector_pkey PRIMARY KEY (tenant_id, model, passage_no);

ALTER TABLE ONLY public.spending_event
    ADD CONSTRAINT spending_event_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.spending_rule
    ADD CONSTRAINT spending_rule_pkey PRIMARY KEY (tenant_id, subject);

ALTER TABLE ONLY public.spending_stop
    ADD CONSTRAINT spending_stop_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (tenant_id);

CREATE INDEX allowance_lease_by_holder ON public.allowance_lease USING btree (tenant_id, holder);

CREATE INDEX bulk_edit_item_by_decision ON public.bulk_edit_item USING btree (tenant_id, decision_id);

CREATE INDEX conversation_by_update ON public.conversation USING btree (tenant_id, person_id, updated_at DESC, id DESC);

CREATE INDEX conversation_deleted ON public.conversation USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX conversation_shared ON public.conversation USING btree (tenant_id, updated_at DESC, id DESC) WHERE ((shared_at IS NOT NULL) AND (deleted_at IS NULL));

CREATE UNIQUE INDEX decision_approval_once ON public.decision_approval USING btree (tenant_id, decision_id, person_id, text_hash) WHERE (withdrawn_at IS NULL);

CREATE INDEX decision_by_number ON public.decision USING btree (tenant_id, log_id, sort_number, id);

CREATE INDEX decision_by_slug ON public.decision USING btree (tenant_id, slug);

CREATE UNIQUE INDEX decision_by_source ON public.decision USING btree (tenant_id, log_id, source_path) WHERE (source_path <> ''::text);

CREATE INDEX decision_by_standing ON public.decision USING btree (tenant_id, log_id, status, author_id) INCLUDE (id) WHERE (deleted_at IS NULL);

CREATE INDEX decision_by_title ON public.decision USING btree (tenant_id, title_key, id);

CREATE INDEX decision_by_update ON public.decision USING btree (tenant_id, updated_at, id);

CREATE INDEX decision_care_by_owner ON public.decision_care USING btree (tenant_id, owner_id) WHERE (owner_id IS NOT NULL);

CREATE INDEX decision_care_by_review ON public.decision_care USING btree (tenant_id, review_on) WHERE (review_on IS NOT NULL);

CREATE INDEX decision_comment_by_decision ON public.decision_comment USING btree (tenant_id, decision_id, created_at);

CREATE INDEX decision_comment_by_parent ON public.decision_comment USING btree (tenant_id, parent_id);

CREATE INDEX decision_commit_by_decision ON public.decision_commit USING btree (tenant_id, decision_id);

CREATE INDEX decision_former_name_by_decision ON public.decision_former_name USING btree (tenant_id, decision_id);

CREATE INDEX decision_link_by_target ON public.decision_link USING btree (tenant_id, target_id);

CREATE INDEX decision_relation_by_target ON public.decision_relation USING btree (tenant_id, target_id);

CREATE INDEX decision_that_binds ON public.decision USING btree (tenant_id, log_id) WHERE ((applies_to <> '{}'::text[]) OR (components <> '{}'::text[]));

CREATE INDEX decision_watch_by_decision ON public.decision_watch USING btree (tenant_id, decision_id);

CREATE INDEX decision_with_number ON public.decision USING btree (tenant_id, number) WHERE (number IS NOT NULL);

CREATE INDEX event_by_key ON public.event USING btree (tenant_id, key, "position");

CREATE INDEX generation_by_conversation ON public.generation USING btree (tenant_id, conversation_id, created_at);

CREATE INDEX generation_running ON public.generation USING btree (created_at) WHERE (NOT ended);

CREATE INDEX model_call_by_person ON public.model_call USING btree (tenant_id, person_id, started_at);

CREATE INDEX model_call_by_time ON public.model_call USING btree (tenant_id, started_at);

CREATE INDEX parked_event_by_due ON public.parked_event USING btree (group_name, due_at) WHERE (NOT dead);

CREATE INDEX parked_event_by_key ON public.parked_event USING btree (tenant_id, group_name, key, "position") WHERE (NOT dead);

CREATE INDEX search_passage_by_record ON public.search_passage USING btree (tenant_id, record_no, "position");

CREATE INDEX search_record_attached ON public.search_record USING btree (tenant_id, attached_to) WHERE (decision_id IS NULL);

CREATE UNIQUE INDEX search_record_by_decision ON public.search_record USING btree (tenant_id, decision_id) INCLUDE (record_no, generation);

CREATE UNIQUE INDEX search_record_by_source ON public.search_record USING btree (tenant_id, source, source_id) WHERE (decision_id IS NULL);

CREATE INDEX search_vector_by_passage ON public.search_vector USING btree (tenant_id, passage_no);

CREATE INDEX search_vector_by_record ON public.search_vector USING btree (tenant_id, record_no);

CREATE UNIQUE INDEX spending_event_once ON public.spending_event USING btree (tenant_id, subject, window_start, level) WHERE (kind = 'alert'::text);

CREATE TRIGGER search_forget AFTER DELETE ON public.decision_comment FOR EACH ROW EXECUTE FUNCTION public.search_forget('comment');

CREATE TRIGGER tally_changed_decision AFTER UPDATE ON public.decision FOR EACH ROW WHEN ((((((old.log_id IS DISTINCT FROM new.log_id) OR (old.status IS DISTINCT FROM new.status)) OR (old.tags IS DISTINCT FROM new.tags)) OR (old.author_id IS DISTINCT FROM new.author_id)) OR ((old.deleted_at IS NULL) IS DISTINCT FROM (new.deleted_at IS NULL)))) EXECUTE FUNCTION public.tally_decision();

CREATE TRIGGER tally_changed_decision_facets AFTER UPDATE ON public.decision FOR EACH ROW WHEN ((((((old.log_id IS DISTINCT FROM new.log_id) OR (old.status IS DISTINCT FROM new.status)) OR (old.author_id IS DISTINCT FROM new.author_id)) OR ((old.deleted_at IS NULL) IS DISTINCT FROM (new.deleted_at IS NULL))) OR (((old.applies_to <> '{}'::text[]) OR (old.components <> '{}'::text[])) IS DISTINCT FROM ((new.applies_to <> '{}'::text[]) OR (new.components <> '{}'::text[]))))) EXECUTE FUNCTION public.tally_decision_facets();

CREATE TRIGGER tally_changed_owner AFTER UPDATE ON public.decision_care FOR EACH ROW WHEN ((old.owner_id IS DISTINCT FROM new.owner_id)) EXECUTE FUNCTION public.tally_owner();

CREATE TRIGGER tally_decision AFTER INSERT OR DELETE ON public.decision FOR EACH ROW EXECUTE FUNCTION public.tally_decision();

CREATE TRIGGER tally_decision_facets AFTER INSERT ON public.decision FOR EACH ROW WHEN (((new.applies_to <> '{}'::text[]) OR (new.components <> '{}'::text[]))) EXECUTE FUNCTION public.tally_decision_facets();

CREATE TRIGGER tally_owner AFTER INSERT OR DELETE ON public.decision_care FOR EACH ROW EXECUTE FUNCTION public.tally_owner();

CREATE TRIGGER tally_removed_decision_facets BEFORE DELETE ON public.decision FOR EACH ROW EXECUTE FUNCTION public.tally_decision_facets();

ALTER TABLE ONLY public.allowance_lease
    ADD CONSTRAINT allowance_lease_tenant_id_kind_subject_window_start_fkey FOREIGN KEY (tenant_id, kind, subject, window_start) REFERENCES public.allowance(tenant_id, kind, subject, window_start) ON DELETE CASCADE;

ALTER TABLE ONLY public.allowance
    ADD CONSTRAINT allowance_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bulk_edit_item
    ADD CONSTRAINT bulk_edit_item_tenant_id_bulk_edit_id_fkey FOREIGN KEY (tenant_id, bulk_edit_id) REFERENCES public.bulk_edit(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bulk_edit_item
    ADD CONSTRAINT bulk_edit_item_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bulk_edit
    ADD CONSTRAINT bulk_edit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.calendar_feed
    ADD CONSTRAINT calendar_feed_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.component
    ADD CONSTRAINT component_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.consumer_offset
    ADD CONSTRAINT consumer_offset_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.event_head(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_approval
    ADD CONSTRAINT decision_approval_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_care
    ADD CONSTRAINT decision_care_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_care
    ADD CONSTRAINT decision_care_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.person(tenant_id, id) ON DELETE SET NULL (owner_id);

ALTER TABLE ONLY public.decision_comment
    ADD CONSTRAINT decision_comment_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_comment
    ADD CONSTRAINT decision_comment_tenant_id_parent_id_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES public.decision_comment(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_commit
    ADD CONSTRAINT decision_commit_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_commit
    ADD CONSTRAINT decision_commit_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_former_name
    ADD CONSTRAINT decision_former_name_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_former_name
    ADD CONSTRAINT decision_former_name_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_link
    ADD CONSTRAINT decision_link_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_link
    ADD CONSTRAINT decision_link_tenant_id_target_id_fkey FOREIGN KEY (tenant_id, target_id) REFERENCES public.decision(tenant_id, id) ON DELETE SET NULL (target_id);

ALTER TABLE ONLY public.decision_relation
    ADD CONSTRAINT decision_relation_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_relation
    ADD CONSTRAINT decision_relation_tenant_id_target_id_fkey FOREIGN KEY (tenant_id, target_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT decision_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_version
    ADD CONSTRAINT decision_version_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_watch
    ADD CONSTRAINT decision_watch_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decision_watch
    ADD CONSTRAINT decision_watch_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.doctor_acknowledgement
    ADD CONSTRAINT doctor_acknowledgement_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event_head
    ADD CONSTRAINT event_head_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.event_head(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.generation_event
    ADD CONSTRAINT generation_event_tenant_id_generation_id_fkey FOREIGN KEY (tenant_id, generation_id) REFERENCES public.generation(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.generation
    ADD CONSTRAINT generation_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversation(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE SET NULL (decision_id);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_tenant_id_import_id_fkey FOREIGN KEY (tenant_id, import_id) REFERENCES public.import_run(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_run
    ADD CONSTRAINT import_run_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.log
    ADD CONSTRAINT log_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.model_call
    ADD CONSTRAINT model_call_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.number_reservation
    ADD CONSTRAINT number_reservation_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.number_scope
    ADD CONSTRAINT number_scope_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.parked_event
    ADD CONSTRAINT parked_event_tenant_id_position_fkey FOREIGN KEY (tenant_id, "position") REFERENCES public.event(tenant_id, "position") ON DELETE CASCADE;

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.provider
    ADD CONSTRAINT provider_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.public_decision
    ADD CONSTRAINT public_decision_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.public_log
    ADD CONSTRAINT public_log_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.record_template
    ADD CONSTRAINT record_template_tenant_id_log_id_fkey FOREIGN KEY (tenant_id, log_id) REFERENCES public.log(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.saved_filter
    ADD CONSTRAINT saved_filter_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES public.person(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_counter
    ADD CONSTRAINT search_counter_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_model
    ADD CONSTRAINT search_model_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_passage
    ADD CONSTRAINT search_passage_tenant_id_record_no_fkey FOREIGN KEY (tenant_id, record_no) REFERENCES public.search_record(tenant_id, record_no) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_posting
    ADD CONSTRAINT search_posting_tenant_id_segment_id_fkey FOREIGN KEY (tenant_id, segment_id) REFERENCES public.search_segment(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_record
    ADD CONSTRAINT search_record_tenant_id_attached_to_fkey FOREIGN KEY (tenant_id, attached_to) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE NOT VALID;

ALTER TABLE ONLY public.search_record
    ADD CONSTRAINT search_record_tenant_id_decision_id_fkey FOREIGN KEY (tenant_id, decision_id) REFERENCES public.decision(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_segment
    ADD CONSTRAINT search_segment_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_vector_block
    ADD CONSTRAINT search_vector_block_tenant_id_model_fkey FOREIGN KEY (tenant_id, model) REFERENCES public.search_model(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_vector
    ADD CONSTRAINT search_vector_tenant_id_model_fkey FOREIGN KEY (tenant_id, model) REFERENCES public.search_model(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.search_vector
    ADD CONSTRAINT search_vector_tenant_id_passage_no_fkey FOREIGN KEY (tenant_id, passage_no) REFERENCES public.search_passage(tenant_id, passage_no) ON DELETE CASCADE;

ALTER TABLE ONLY public.spending_event
    ADD CONSTRAINT spending_event_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spending_rule
    ADD CONSTRAINT spending_rule_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spending_stop
    ADD CONSTRAINT spending_stop_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(tenant_id) ON DELETE CASCADE;

ALTER TABLE public.allowance ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.allowance_lease ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_token ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bulk_edit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bulk_edit_item ENABLE ROW LEVEL SECURITY;

CREATE POLICY bus ON public.consumer_offset TO cairn_bus USING (true) WITH CHECK (true);

CREATE POLICY bus ON public.event TO cairn_bus USING (true) WITH CHECK (true);

CREATE POLICY bus ON public.event_head TO cairn_bus USING (true) WITH CHECK (true);

CREATE POLICY bus ON public.outbox TO cairn_bus USING (true) WITH CHECK (true);

CREATE POLICY bus ON public.parked_event TO cairn_bus USING (true) WITH CHECK (true);

CREATE POLICY by_hash ON public.api_token FOR SELECT USING ((token_hash = ( SELECT decode(NULLIF(current_setting('app.token_hash'::text, true), ''::text), 'hex'::text) AS decode)));

CREATE POLICY by_hash ON public.calendar_feed FOR SELECT USING ((token_hash = ( SELECT decode(NULLIF(current_setting('app.token_hash'::text, true), ''::text), 'hex'::text) AS decode)));

CREATE POLICY by_heir ON public.generation FOR SELECT USING (((( SELECT current_setting('app.role'::text, true) AS current_setting) = 'heir'::text) AND (NOT ended)));

CREATE POLICY by_reader ON public.public_log FOR SELECT USING (((( SELECT current_setting('app.role'::text, true) AS current_setting) = 'public'::text) AND (withdrawn_at IS NULL)));

ALTER TABLE public.calendar_feed ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.component ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.consumer_offset ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_approval ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_care ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_comment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_commit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_facet_tally ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_former_name ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_link ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_relation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_tally ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_tally_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decision_watch ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.doctor_acknowledgement ENABLE ROW LEVEL SECURITY;

CREATE POLICY drafts ON public.decision AS RESTRICTIVE FOR SELECT USING (((status <> 'draft'::text) OR (author_id = ( SELECT public.app_person() AS app_person)) OR ( SELECT public.app_reviews() AS app_reviews)));

CREATE POLICY drafts ON public.decision_approval AS RESTRICTIVE FOR SELECT USING ((EXISTS ( SELECT
   FROM public.decision d
  WHERE ((d.tenant_id = decision_approval.tenant_id) AND (d.id = decision_approval.decision_id)))));

CREATE POLICY drafts ON public.decision_comment AS RESTRICTIVE FOR SELECT USING ((EXISTS ( SELECT
   FROM public.decision d
  WHERE ((d.tenant_id = decision_comment.tenant_id) AND (d.id = decision_comment.decision_id)))));

CREATE POLICY drafts ON public.decision_facet_tally AS RESTRICTIVE FOR SELECT USING (((status <> 'draft'::text) OR (draft_author = ( SELECT public.app_person() AS app_person)) OR ( SELECT public.app_reviews() AS app_reviews)));

CREATE POLICY drafts ON public.decision_tally AS RESTRICTIVE FOR SELECT USING (((status <> 'draft'::text) OR (draft_author = ( SELECT public.app_person() AS app_person)) OR ( SELECT public.app_reviews() AS app_reviews)));

CREATE POLICY drafts ON public.decision_tally_change AS RESTRICTIVE FOR SELECT USING (((status <> 'draft'::text) OR (draft_author = ( SELECT public.app_person() AS app_person)) OR ( SELECT public.app_reviews() AS app_reviews)));

CREATE POLICY drafts ON public.decision_version AS RESTRICTIVE FOR SELECT USING ((EXISTS ( SELECT
   FROM public.decision d
  WHERE ((d.tenant_id = decision_version.tenant_id) AND (d.id = decision_version.decision_id)))));

CREATE POLICY drafts ON public.search_passage AS RESTRICTIVE FOR SELECT USING (( SELECT true
   FROM (public.search_record r
     JOIN public.decision d ON (((d.tenant_id = r.tenant_id) AND (d.id =
        CASE
            WHEN (r.decision_id IS NULL) THEN r.attached_to
            ELSE r.decision_id
        END))))
  WHERE ((r.tenant_id = search_passage.tenant_id) AND (r.record_no = search_passage.record_no))));

ALTER TABLE public.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_head ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.generation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.generation_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_file ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.model_call ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.number_reservation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.number_scope ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON public.model_call AS RESTRICTIVE FOR SELECT USING (((person_id = ( SELECT public.app_person() AS app_person)) OR ( SELECT (COALESCE(current_setting('app.role'::text, true), ''::text) = ANY (ARRAY['admin'::text, 'system'::text])))));

CREATE POLICY own_delete ON public.conversation AS RESTRICTIVE FOR DELETE USING ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_delete ON public.generation AS RESTRICTIVE FOR DELETE USING ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_delete ON public.generation_event AS RESTRICTIVE FOR DELETE USING ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_insert ON public.conversation AS RESTRICTIVE FOR INSERT WITH CHECK ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_insert ON public.generation AS RESTRICTIVE FOR INSERT WITH CHECK ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_insert ON public.generation_event AS RESTRICTIVE FOR INSERT WITH CHECK ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_or_shared ON public.conversation AS RESTRICTIVE FOR SELECT USING (((person_id = ( SELECT public.app_person() AS app_person)) OR ((shared_at IS NOT NULL) AND (deleted_at IS NULL) AND (kind = 'ask'::text))));

CREATE POLICY own_or_shared ON public.generation AS RESTRICTIVE FOR SELECT USING (((person_id = ( SELECT public.app_person() AS app_person)) OR (( SELECT current_setting('app.role'::text, true) AS current_setting) = 'heir'::text) OR (EXISTS ( SELECT
   FROM public.conversation c
  WHERE ((c.tenant_id = generation.tenant_id) AND (c.id = generation.conversation_id) AND (c.shared_at IS NOT NULL) AND (c.deleted_at IS NULL))))));

CREATE POLICY own_or_shared ON public.generation_event AS RESTRICTIVE FOR SELECT USING (((person_id = ( SELECT public.app_person() AS app_person)) OR (EXISTS ( SELECT
   FROM public.generation g
  WHERE ((g.tenant_id = generation_event.tenant_id) AND (g.id = generation_event.generation_id))))));

CREATE POLICY own_or_shared ON public.saved_filter AS RESTRICTIVE FOR SELECT USING ((shared OR (person_id = ( SELECT public.app_person() AS app_person))));

CREATE POLICY own_update ON public.conversation AS RESTRICTIVE FOR UPDATE USING ((person_id = ( SELECT public.app_person() AS app_person))) WITH CHECK ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_update ON public.generation AS RESTRICTIVE FOR UPDATE USING ((person_id = ( SELECT public.app_person() AS app_person))) WITH CHECK ((person_id = ( SELECT public.app_person() AS app_person)));

CREATE POLICY own_update ON public.generation_event AS RESTRICTIVE FOR UPDATE USING ((person_id = ( SELECT public.app_person() AS app_person))) WITH CHECK ((person_id = ( SELECT public.app_person() AS app_person)));

ALTER TABLE public.parked_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.provider ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.public_decision ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.public_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.record_template ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.saved_filter ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_counter ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_model ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_passage ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_posting ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_record ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_segment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_vector ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.search_vector_block ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.spending_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.spending_rule ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.spending_stop ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenant ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON public.allowance USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.allowance_lease USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.api_token USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.bulk_edit USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.bulk_edit_item USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.calendar_feed USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.component USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.consumer_offset USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.conversation USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_approval USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_care USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_comment USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_commit USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_facet_tally USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_former_name USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_link USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_relation USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_tally USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_tally_change USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_version USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.decision_watch USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.doctor_acknowledgement USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.event USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.event_head USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.generation USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.generation_event USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.import_file USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.import_run USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.log USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.model_call USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.number_reservation USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.number_scope USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.outbox USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.parked_event USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.person USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.provider USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.public_decision USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.public_log USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.record_template USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.saved_filter USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_counter USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_model USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_passage USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_posting USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_record USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_segment USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_vector USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.search_vector_block USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.spending_event USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.spending_rule USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.spending_stop USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

CREATE POLICY tenant_only ON public.tenant USING ((tenant_id = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant_id = ( SELECT public.app_tenant() AS app_tenant)));

GRANT USAGE ON SCHEMA public TO cairn_app;
GRANT USAGE ON SCHEMA public TO cairn_bus;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.allowance TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.allowance_lease TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_token TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bulk_edit TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bulk_edit_item TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_feed TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.component TO cairn_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.consumer_offset TO cairn_bus;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation TO cairn_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.decision_approval TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_care TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_comment TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_commit TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_link TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_relation TO cairn_app;

GRANT SELECT ON TABLE public.decision_edge TO cairn_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.decision_facet_tally TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_former_name TO cairn_app;

GRANT SELECT ON TABLE public.decision_neighbour TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.log TO cairn_app;

GRANT SELECT ON TABLE public.decision_row TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_tally TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_tally_change TO cairn_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.decision_version TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision_watch TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.doctor_acknowledgement TO cairn_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.event TO cairn_bus;

GRANT SELECT,INSERT,UPDATE ON TABLE public.event_head TO cairn_bus;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.generation TO cairn_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.generation_event TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_file TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_run TO cairn_app;

GRANT SELECT,INSERT ON TABLE public.model_call TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_reservation TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_scope TO cairn_app;

GRANT INSERT ON TABLE public.outbox TO cairn_app;
GRANT SELECT,DELETE ON TABLE public.outbox TO cairn_bus;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.parked_event TO cairn_bus;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.person TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.public_decision TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.public_log TO cairn_app;

GRANT SELECT ON TABLE public.public_record TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.record_template TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.saved_filter TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_counter TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_model TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_passage TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_posting TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_record TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_segment TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_vector TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_vector_block TO cairn_app;

GRANT SELECT,INSERT ON TABLE public.spending_event TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.spending_rule TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.spending_stop TO cairn_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenant TO cairn_app;
