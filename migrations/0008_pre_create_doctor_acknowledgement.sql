-- What the doctor found and a person chose to leave as it is.

set local lock_timeout = '5s';
set local statement_timeout = '60s';

create table doctor_acknowledgement (
  tenant_id uuid not null,
  log_id uuid not null,
  finding text not null check (length(finding) between 1 and 300),
  person_id uuid not null,
  person_name text not null,
  created_at timestamptz not null,
  primary key (tenant_id, log_id, finding),
  foreign key (tenant_id, log_id) references log (tenant_id, id) on delete cascade
);

alter table doctor_acknowledgement enable row level security;
alter table doctor_acknowledgement force row level security;
create policy tenant_only on doctor_acknowledgement
  using (tenant_id = (select app_tenant())) with check (tenant_id = (select app_tenant()));

grant select, insert, update, delete on doctor_acknowledgement to cairn_app;
