-- On each worker, as a superuser. The coordinator connects there as whoever asks, so that also the role
-- that runs the cross-tenant functions, which can log in nowhere else, must be able to there. How the
-- coordinator proves who it is (a certificate, a password in pg_dist_authinfo) is the operator's choice.
set citus.enable_alter_role_propagation = off;
alter role postern_cross login;
