//! An installation, on which `postern` is run as a process.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use app::config::{Sources, load};
use app::wiring::Wiring;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use testkit::{TestBed, test_master_key};
use tower::ServiceExt as _;

/// A database, and where the master key is.
pub struct Installation {
    pub bed: TestBed,
    pub folder: PathBuf,
}

impl Installation {
    pub async fn new() -> Self {
        let bed = TestBed::new().await;
        let folder =
            std::env::temp_dir().join(format!("postern-operator-{}", bed.platform.entropy.uuid_v7(bed.platform.now())));
        std::fs::create_dir_all(&folder).unwrap();
        let options =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join("master.key"));
        options.unwrap().write_all(test_master_key().to_text().as_bytes()).unwrap();
        Self { bed, folder }
    }

    /// Runs `postern` on it, with nothing of this process's environment.
    pub fn postern(&self, args: &[&str], more: &[(&str, &str)]) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
        command.args(args).env_clear().current_dir(&self.folder);
        command.env("POSTERN_KEYS__MASTER_FILE", self.folder.join("master.key"));
        command.env("POSTERN_DATABASE_URL", self.bed.database.app_url());
        command.env("POSTERN_MIGRATION_DATABASE_URL", self.bed.database.owner_url());
        command.envs(more.iter().copied());
        Answer::of(&command.output().unwrap())
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut superuser = PgConnection::connect(&self.bed.database.superuser_url()).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut superuser).await.unwrap()
    }

    /// What a gateway answers to this key.
    pub async fn ask(&self, key: &str, query: &Value) -> Value {
        let config = load(&Sources { file: None, environment: BTreeMap::new() }).unwrap();
        let wiring = Wiring::new(self.bed.platform.clone(), &config).unwrap();
        wiring.prepare().await.unwrap();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .body(Body::from(query.to_string()));
        let response = wiring.router(&wiring.gateway(&config, None)).oneshot(request.unwrap()).await.unwrap();
        serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap()
    }

    pub fn files(&self) -> Vec<PathBuf> {
        files_in(&self.folder)
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[derive(Debug)]
pub struct Answer {
    pub good: bool,
    pub out: String,
    pub err: String,
}

impl Answer {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { good: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}
