-- A table lost its policy.
-- found by: io-postgres row_security as_it_is_every_table_shows_each_its_own_and_nothing_else
-- saying: table factor: one's own rows are not seen
drop policy tenant_isolation on factor;
