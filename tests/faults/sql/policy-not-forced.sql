-- A table's owner is not bound by its policy.
-- found by: io-postgres row_security as_it_is_every_table_shows_each_its_own_and_nothing_else
-- saying: table api_key: another's rows are seen
alter table api_key no force row level security;
