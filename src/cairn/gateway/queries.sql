-- name: fetch_providers
-- Every provider with its sealed key, the oldest first.
select id, kind, name, base_url, models, sealed_key from provider order by created_at, id;

-- name: fetch_provider^
select id, kind, name, base_url, models, sealed_key from provider where id = :id;

-- name: is_name_taken$
-- Whether another provider has the name.
select exists (select from provider where name = :name and id <> :id);

-- name: save_provider!
-- Adds a provider or replaces all of it.
insert into provider (tenant_id, id, kind, name, base_url, models, sealed_key)
values (app_tenant(), :id, :kind, :name, :base_url, :models, :sealed_key)
on conflict (tenant_id, id) do update
set kind = excluded.kind, name = excluded.name, base_url = excluded.base_url, models = excluded.models,
  sealed_key = excluded.sealed_key, updated_at = now();

-- name: delete_provider$
delete from provider where id = :id returning true;
