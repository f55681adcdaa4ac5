//! Keys replaced and logs proved from the command line, run as processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod installation;

use core_kernel::TypedId as _;
use installation::{Answer, Installation};
use sqlx::{Connection as _, PgConnection};
use svc_directory::Directory;
use svc_policy::Policies;
use testkit::Environment;

impl Installation {
    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn exported(&self, tenant: &str, name: &str) -> String {
        let path = self.file(name);
        let answer =
            self.postern(&["export", "audit", "--tenant", tenant, "--format", "jsonl", "--output", &path], &[]);
        assert!(answer.good, "{answer:?}");
        path
    }

    /// Without a database, a master key or anything else of the installation.
    fn verified(&self, export: &str, more: &[&str]) -> Answer {
        let keys = self.file("keys.json");
        let nothing = [
            ("POSTERN_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
            ("POSTERN_KEYS__MASTER_FILE", "/nonexistent"),
        ];
        self.postern(&[&["audit", "verify", export, "--keys", &keys], more].concat(), &nothing)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_proved_elsewhere_also_after_the_key_that_signed_it_was_replaced() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await.to_text();
    let first = installation.exported(&tenant, "first.jsonl");
    let heads = installation.file("heads.txt");
    assert!(installation.postern(&["audit", "heads", "--tenant", &tenant, "--output", &heads], &[]).good);
    for args in [&["keys", "rotate", "signing"][..], &["keys", "rotate", "signing", "--revoke"]] {
        let answer = installation.postern(args, &[]);
        assert!(answer.good, "{answer:?}");
    }
    let second = installation.exported(&tenant, "second.jsonl");
    assert!(installation.postern(&["audit", "keys", "--output", &installation.file("keys.json")], &[]).good);
    for (export, more) in [(&first, vec![]), (&second, vec!["--kept", &heads, "--kept", &first])] {
        let answer = installation.verified(export, &more);
        assert!(answer.good && answer.out.contains("This export holds: entries 1 to"), "{answer:?}");
    }
    let earlier = installation.verified(&first, &["--kept", &second]);
    assert!(!earlier.good && earlier.out.contains("CUT"), "{earlier:?}");

    let text = std::fs::read_to_string(&second).unwrap();
    let edited = installation.file("edited.jsonl");
    std::fs::write(&edited, text.replacen("\"actor\":\"operator\"", "\"actor\":\"nobody\"", 1)).unwrap();
    let answer = installation.verified(&edited, &[]);
    assert!(!answer.good && answer.out.contains("line 1: EDITED: entry 1"), "{answer:?}");
    let on_record =
        "select count(*) from audit_entry where actor = 'operator' and action = 'keys.rotated' and target = 'signing'";
    assert_eq!(installation.count(on_record).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_is_replaced_by_the_one_behind_it_in_the_file() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await.to_text();
    let made = installation.postern(&["keys", "new-master", "--next"], &[]);
    assert!(made.good && made.out.contains("one more key"), "{made:?}");
    let master = installation.folder.join("master.key");
    let both = std::fs::read_to_string(&master).unwrap();
    let rotate = || installation.postern(&["keys", "rotate", "master"], &[]);
    let answer = rotate();
    assert!(
        answer.good && answer.out.contains("4 keys of the installation") && answer.out.contains("first"),
        "{answer:?}"
    );
    let newest = both.lines().rfind(|line| !line.is_empty()).unwrap();
    std::fs::write(&master, newest).unwrap();
    let again = rotate();
    assert!(again.good && again.out.starts_with("0 keys of the installation and 0 of tenants"), "{again:?}");
    installation.exported(&tenant, "log.jsonl");
    std::fs::write(&master, both.lines().next().unwrap()).unwrap();
    let old = installation.postern(&["keys", "rotate", "master"], &[]);
    assert!(!old.good && old.err.contains("another key"), "{old:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pepper_is_replaced_and_says_what_lies_under_the_old_one() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await.to_text();
    let create = ["key", "create", "--tenant", &tenant, "--name", "website", "--scope", "LOGIN"];
    let made = installation.postern(&create, &[]);
    let answer = installation.postern(&["keys", "rotate", "pepper"], &[]);
    assert!(answer.good && answer.out.contains("Pepper 2") && answer.out.contains("1 under others"), "{answer:?}");
    let early = installation.postern(&["keys", "rotate", "pepper", "--retire"], &[]);
    assert!(early.good && early.out.starts_with("0 older peppers"), "the new one makes nothing yet: {early:?}");

    // Ten seconds later, the key is used.
    let platform = &installation.bed.platform;
    let mut superuser = PgConnection::connect(&installation.bed.database.superuser_url()).await.unwrap();
    sqlx::query("update crypto_key set makes_from = '-infinity'").execute(&mut superuser).await.unwrap();
    platform.keys.reload(&platform.database).await.unwrap();
    let directory = || Directory::new(platform.clone(), Policies::new(platform.clone()));
    let known = directory();
    known.authenticate(made.out.trim()).await.unwrap();
    known.touch_api_keys().await.unwrap();
    let under = "select count(*) from api_key where pepper_key_id = 2 and last_used_at is not null";
    assert_eq!(installation.count(under).await, 1, "its digest was made anew");
    let retired = installation.postern(&["keys", "rotate", "pepper", "--retire"], &[]);
    assert!(retired.good && retired.out.contains("1 older peppers") && retired.out.contains("0 under"), "{retired:?}");
    platform.keys.reload(&platform.database).await.unwrap();
    directory().authenticate(made.out.trim()).await.unwrap();
}
