-- A table lost its policy.
-- found by: io-postgres isolation a_migrated_database_is_fit_for_the_unprivileged_role
-- saying: table factor lacks its tenant policy
drop policy tenant_isolation on factor;
