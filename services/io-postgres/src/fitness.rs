//! What must hold before a process serves: a server that cannot lose what it acknowledged, and a
//! role that row-level security binds. A misconfiguration is an outage, not a leak.

use sqlx::{Connection, PgConnection};

use crate::isolation_faults;

/// The oldest PostgreSQL that is accepted: before it, CVE-2024-10976 (row security and role changes).
const OLDEST: i32 = 150_009;
/// Below this a warning: CVE-2025-8713 (statistics leak past row security).
pub(crate) const RECOMMENDED: i32 = 150_014;

/// Everything that keeps this database from being served, as sentences; empty is fit.
///
/// # Errors
/// When the database cannot be asked.
pub async fn faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let mut faults = version_faults(connection).await?;
    faults.extend(setting_faults(connection).await?);
    faults.extend(function_faults(connection).await?);
    faults.extend(role_faults(connection).await?);
    faults.extend(isolation_faults(connection).await?);
    connection.ping().await?;
    Ok(faults)
}

async fn version_faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let version: i32 =
        sqlx::query_scalar("select current_setting('server_version_num')::integer").fetch_one(&mut *connection).await?;
    if version < OLDEST {
        return Ok(vec![format!("PostgreSQL 15.9 or later is needed, this is {version}")]);
    }
    if (150_000..RECOMMENDED).contains(&version) {
        tracing::warn!(version, "PostgreSQL 15.14 or later is recommended (CVE-2025-8713)");
    }
    Ok(Vec::new())
}

async fn setting_faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let off: Vec<String> = sqlx::query_scalar(
        "select name from pg_settings
          where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name",
    )
    .fetch_all(connection)
    .await?;
    Ok(off.into_iter().map(|name| format!("{name} is off: acknowledged logins could be lost")).collect())
}

/// A function may set what the session did not: nothing of ours does, and nothing may.
async fn function_faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "select 'function ' || f.oid::regprocedure::text || ' sets synchronous_commit: acknowledged logins could be lost'
           from pg_proc f
          where f.pronamespace in (select oid from pg_namespace where nspname in ('public', 'postern_cross'))
            and f.prokind in ('f', 'p') and pg_get_functiondef(f.oid) ~* 'synchronous_commit'
          order by 1",
    )
    .fetch_all(connection)
    .await
}

async fn role_faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "select fault from (
            select 'the role ' || current_user || ' is a superuser' as fault
              from pg_roles where rolname = current_user and rolsuper
            union all
            select 'the role ' || current_user || ' can bypass row-level security'
              from pg_roles where rolname = current_user and rolbypassrls
            union all
            select 'the role ' || current_user || ' is a member of ' || r.rolname || ', which row-level security does not bind'
              from pg_roles r
             where r.rolname <> current_user and pg_has_role(current_user, r.oid, 'member')
               and (r.rolsuper or r.rolbypassrls or r.rolname in ('postern_owner', 'postern_cross'))
            union all
            select 'the role ' || current_user || ' owns table ' || c.relname
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm') and pg_has_role(current_user, c.relowner, 'member')
         ) f order by fault limit 10",
    )
    .fetch_all(connection)
    .await
}
