-- name: find_token^
-- The person behind a token that is neither revoked nor expired. `app.token_hash` opens that one row.
select t.tenant_id, t.person_id
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
