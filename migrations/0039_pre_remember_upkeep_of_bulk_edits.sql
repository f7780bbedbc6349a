-- A bulk edit may name owners and plan reviews, which make no version: what was there and what it put in its place is kept,
-- so that it can be taken back. Months are set where the upkeep of a record changed.

set local lock_timeout = '5s';
set local statement_timeout = '10min';

alter table bulk_edit_item
  add column owner_before uuid,
  add column review_before date,
  add column months_before smallint,
  add column owner_after uuid,
  add column review_after date,
  add column months_after smallint,
  drop constraint bulk_edit_item_check,
  add constraint bulk_edit_item_check check (
    version_after > version_before or (version_after = version_before and months_after is not null)
  ),
  add constraint bulk_edit_item_upkeep_check check ((months_before is null) = (months_after is null));
