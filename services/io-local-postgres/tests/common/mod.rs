//! Folders that go away, and the client that the product uses.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use io_local_postgres::{LocalPostgres, Options};
use sqlx::postgres::PgRow;
use sqlx::{Connection, Row};

/// A folder that is removed at the end of the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = PathBuf::from(format!("/tmp/postern-test-{}/{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        let _ = self.0.parent().map(fs::remove_dir);
    }
}

pub fn options(folder: &Folder) -> Options {
    // Many servers run at once here; none needs much memory.
    Options::new(folder.path()).setting("shared_buffers", "16MB")
}

pub fn start(folder: &Folder) -> LocalPostgres {
    LocalPostgres::start(options(folder)).unwrap()
}

/// The superuser's answer.
pub fn ask(server: &LocalPostgres, sql: &'static str) -> String {
    ask_url(server.superuser_url().expose(), sql).unwrap()
}

/// The first column of the last row, as text; or what the server complains about.
pub fn ask_url(url: &str, sql: &'static str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(answer(url, sql)).map_err(|refused| refused.to_string())
}

async fn answer(url: &str, sql: &'static str) -> Result<String, sqlx::Error> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    let rows = sqlx::raw_sql(sql).fetch_all(&mut connection).await?;
    connection.close().await?;
    let text = |row: &PgRow| row.try_get_raw(0).ok().and_then(|value| Some(value.as_str().ok()?.to_owned()));
    Ok(rows.last().and_then(text).unwrap_or_default())
}

/// Waits for something that happens in another process; gives up after a minute.
pub fn wait_until(mut happened: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !happened() {
        assert!(Instant::now() < limit, "it did not happen within a minute");
        std::thread::sleep(Duration::from_millis(20));
    }
}
