//! `postern doctor`, run as a process on installations that are well and on such as were broken for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod installation;

use installation::Installation;
use sqlx::{Connection as _, Executor as _, PgConnection};
use testkit::Environment;

impl Installation {
    async fn breaks(&self, sql: &'static str) {
        PgConnection::connect(&self.bed.database.superuser_url()).await.unwrap().execute(sql).await.unwrap();
    }

    fn doctor(&self) -> installation::Answer {
        self.postern(&["doctor"], &[])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_is_well_is_fit_and_told_what_is_not_set_up() {
    let installation = Installation::new().await;
    let answer = installation.doctor();
    assert!(answer.good && answer.out.ends_with("This installation is fit to serve.\n"), "{answer:?}");
    for note in ["note: PostgreSQL 1", "fit to be distributed by tenant", "note: archive_mode is off"] {
        assert!(answer.out.contains(note), "{note}: {}", answer.out);
    }
    let there = installation.folder.to_str().unwrap();
    let archive = installation.postern(&["doctor", "--archive", there], &[]);
    assert!(archive.out.contains("% free"), "{archive:?}");
    let gone = installation.postern(&["doctor", "--archive", "/nonexistent/archive"], &[]);
    assert!(!gone.good && gone.out.contains("- /nonexistent/archive"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_slowly_is_seen() {
    let installation = Installation::new().await;
    installation.bed.tenant(Environment::Live).await;
    installation.breaks("update signing_key set signs_from = now() - interval '500 days'").await;
    let warned = installation.doctor();
    assert!(warned.good && warned.out.contains("warning: the signing key is 500 days old"), "{warned:?}");
    installation
        .breaks(
            "insert into audit_entry (tenant_id, month, entry_id, at, actor, action)
             select tenant_id, date_trunc('month', now()), uuid_v7(), now() - interval '1 hour', 'system', 'user.locked'
               from tenant",
        )
        .await;
    let unsealed = installation.doctor();
    assert!(!unsealed.good && unsealed.out.contains("- the audit log of 1 tenants is not sealed"), "{unsealed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_from_serving_is_a_fault() {
    for (breach, told) in [
        ("alter table login disable row level security", "row-level security is not enabled on login"),
        ("grant truncate on login to postern_app", "grant of TRUNCATE on login"),
        ("delete from _sqlx_migrations where version = 3", "migrations [3] have not run"),
        (
            "do $$ begin execute 'drop table challenge_' || to_char(now() at time zone 'utc', 'YYYY_MM'); end $$",
            "challenge has no partition for this month",
        ),
    ] {
        let installation = Installation::new().await;
        installation.breaks(breach).await;
        let answer = installation.doctor();
        assert!(!answer.good && answer.out.contains(told), "{breach}: {answer:?}");
        assert!(!answer.out.contains("fit to serve"), "{answer:?}");
    }
}
