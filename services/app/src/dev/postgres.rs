//! The private server of `dev`: its database, its roles, and passwords that are new at every start,
//! since nobody but this process needs them.

use std::path::Path;

use anyhow::Context as _;
use core_kernel::{Entropy as _, Redacted, SystemEntropy, encode_base32};
use io_local_postgres::{LocalPostgres, Options};
use sqlx::{Executor as _, PgConnection};

use crate::roles::bootstrap::set_password;
use crate::roles::connect;

const DATABASE: &str = "postern";

/// A server that runs, and how to reach its database.
pub(super) struct Started {
    pub server: LocalPostgres,
    pub app_url: Redacted<String>,
    pub owner_url: Redacted<String>,
}

/// Starts the server in `folder` and makes what is missing in it.
pub(super) async fn start(folder: &Path) -> anyhow::Result<Started> {
    let mut options = Options::new(folder.join("postgres"));
    options.tools_dirs = vec![folder.join("tools"), ".postern/tools".into(), "/var/lib/postern/tools".into()];
    let server = tokio::task::spawn_blocking(move || LocalPostgres::start(options)).await??;
    create_database(&server).await.context("the database could not be made")?;
    let mut superuser = connect(&as_superuser(&server, DATABASE)?, "the private database").await?;
    io_postgres::bootstrap(&mut superuser).await?;
    let app_url = role(&server, &mut superuser, "postern_app").await?;
    let owner_url = role(&server, &mut superuser, "postern_owner").await?;
    Ok(Started { server, app_url, owner_url })
}

async fn create_database(server: &LocalPostgres) -> anyhow::Result<()> {
    let mut superuser = connect(&server.superuser_url(), "the private server").await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut superuser)
        .await?;
    if !there {
        superuser.execute("create database postern template template0 encoding 'UTF8' locale 'C.UTF-8'").await?;
    }
    Ok(())
}

/// The superuser's URL, in another database of the server.
fn as_superuser(server: &LocalPostgres, database: &str) -> anyhow::Result<Redacted<String>> {
    let mut url: url::Url = server.superuser_url().expose().parse()?;
    url.set_path(database);
    Ok(Redacted::new(url.into()))
}

async fn role(server: &LocalPostgres, superuser: &mut PgConnection, name: &str) -> anyhow::Result<Redacted<String>> {
    let mut random = [0; 20];
    SystemEntropy.fill(&mut random);
    let password = Redacted::new(encode_base32(&random));
    set_password(superuser, name, &password).await?;
    Ok(server.connection_url(DATABASE, name, password.expose()))
}
