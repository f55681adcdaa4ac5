//! A fault that is seeded by hand, to see whether a test finds it.
//!
//! `POSTERN_SEEDED_FAULT` names a file of SQL, which then happens to every test's database. Nothing else ever sets it but
//! `tests/faults`, whose files say which test finds them.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Replaces a piece of a function as it is, and is an error where that piece is not there: a fault that does nothing would
/// be found by nobody.
const BEND: &str = "
create function pg_temp.bend(p_function text, p_was text, p_is text) returns void language plpgsql as $bend$
declare
    v_source text := pg_get_functiondef(p_function::regproc);
begin
    if position(p_was in v_source) = 0 then
        raise exception 'the seeded fault does not fit: % has no %', p_function, p_was;
    end if;
    execute replace(v_source, p_was, p_is);
end $bend$;";

/// Lets the fault happen, if there is one.
///
/// # Errors
/// When its file cannot be read, or does not fit what is there.
pub(crate) async fn seed(superuser_url: &str) -> anyhow::Result<()> {
    let Some(file) = std::env::var_os("POSTERN_SEEDED_FAULT") else { return Ok(()) };
    let fault = std::fs::read_to_string(file)?;
    let mut superuser = PgConnection::connect(superuser_url).await?;
    superuser.execute(sqlx::raw_sql(BEND)).await?;
    superuser.execute(sqlx::raw_sql(AssertSqlSafe(fault))).await?;
    Ok(superuser.close().await?)
}
