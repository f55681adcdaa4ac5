-- A second policy shows a table to everybody.
-- found by: io-postgres row_security as_it_is_every_table_shows_each_its_own_and_nothing_else
-- saying: table message: another's rows are seen
create policy everybody on message using (true);
