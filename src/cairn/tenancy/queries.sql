-- name: find_token^
-- The person behind a token that is neither revoked nor expired. `app.token_hash` opens that one row.
select t.tenant_id, t.person_id, t.scopes
from api_token t
where t.token_hash = :token_hash and t.revoked_at is null and (t.expires_at is null or t.expires_at > now());

-- name: get_person^
select id, name, role from person where id = :id;

-- name: get_organisation^
select tenant_id as id, name from tenant;

-- name: add_organisation!
insert into tenant (tenant_id, name) values (:id, :name) on conflict (tenant_id) do nothing;

-- name: add_person!
insert into person (tenant_id, id, name, role) values (app_tenant(), :id, :name, :role) on conflict (tenant_id, id) do nothing;

-- name: add_token!
insert into api_token (tenant_id, id, person_id, name, token_hash) values (app_tenant(), :id, :person_id, :name, :token_hash);

-- name: list_people
select id, name, email, role, created_at from person order by lower(name), id;

-- name: hold_people
-- Two admins who demote each other at once must not leave an organisation without any.
select id, name, email, role, created_at from person order by id for update;

-- name: put_person!
insert into person (tenant_id, id, name, email, role, created_at)
values (app_tenant(), :id, :name, :email, :role, :created_at)
on conflict (tenant_id, id) do update set name = excluded.name, email = excluded.email, role = excluded.role;

-- name: remove_person!
delete from person where id = :id;

-- name: list_tokens
select t.id, t.person_id, p.name as person_name, t.name, t.scopes, t.created_at, t.expires_at
from api_token t
join person p on p.tenant_id = t.tenant_id and p.id = t.person_id
where t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
order by t.created_at desc, t.id;

-- name: keep_token!
insert into api_token (tenant_id, id, person_id, name, token_hash, scopes, created_at, expires_at)
values (app_tenant(), :id, :person_id, :name, :token_hash, :scopes, :created_at, :expires_at);

-- name: revoke_token!
update api_token set revoked_at = :at where id = :id and revoked_at is null;
