-- In each database of an installation, by a superuser. The owner does not inherit the rights of
-- the roles it belongs to (it would see through the cross-tenant policies), so it is told here
-- what it may do.
grant create, connect, temporary on database :database to postern_owner;
grant create, usage on schema public to postern_owner;
create schema if not exists postern_cross authorization postern_cross;
grant usage on schema public to postern_app, postern_cross;
