//! `postern bootstrap`: the roles of an installation, with the passwords that the configured URLs
//! carry; by a superuser, once, or again to change a password.

use anyhow::Context as _;
use core_kernel::Redacted;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use url::Url;

use crate::config::Config;

const VARIABLE: &str = "POSTERN_BOOTSTRAP_DATABASE_URL";

/// Makes the roles.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let url = std::env::var(VARIABLE).with_context(|| format!("{VARIABLE} is not set: a superuser's URL"))?;
    let mut superuser = super::connect(&Redacted::new(url), VARIABLE).await?;
    io_postgres::bootstrap(&mut superuser).await?;
    for (url, key) in
        [(&config.database_url, "database_url"), (&config.migration_database_url, "migration_database_url")]
    {
        let Some(url) = url else { continue };
        let url: Url = url.expose().parse().with_context(|| format!("{key} is not a URL"))?;
        if let Some(password) = url.password() {
            let password = percent_decoded(password).with_context(|| format!("the password in {key}"))?;
            set_password(&mut superuser, url.username(), &Redacted::new(password)).await?;
        }
    }
    tracing::info!("the roles are there");
    Ok(())
}

/// Gives a role of ours its password. The statement is logged by no one: it is built by the server.
pub(crate) async fn set_password(
    superuser: &mut PgConnection,
    role: &str,
    password: &Redacted<String>,
) -> anyhow::Result<()> {
    anyhow::ensure!(matches!(role, "postern_app" | "postern_owner"), "{role} is not a role of an installation");
    let statement: String = sqlx::query_scalar("select format('alter role %I login password %L', $1::text, $2::text)")
        .bind(role)
        .bind(password.expose())
        .fetch_one(&mut *superuser)
        .await?;
    superuser.execute(AssertSqlSafe(statement)).await.map_err(|_| anyhow::anyhow!("{role}'s password was refused"))?;
    Ok(())
}

fn percent_decoded(text: &str) -> anyhow::Result<String> {
    let pairs = format!("p={}", text.replace('+', "%2B").replace('&', "%26"));
    let parsed = url::Url::parse(&format!("x:/?{pairs}"))?;
    parsed.query_pairs().next().map(|(_, value)| value.into_owned()).context("cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_percent_decoded() {
        for (written, meant) in
            [("abc", "abc"), ("a%40b%2Fc", "a@b/c"), ("a+b", "a+b"), ("a%26b&c", "a&b&c"), ("%E2%82%AC", "€")]
        {
            assert_eq!(percent_decoded(written).unwrap(), meant);
        }
    }
}
