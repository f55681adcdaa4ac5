//! What the operator does with tenants, keys and data from the command line, run as processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod installation;

use std::os::unix::fs::PermissionsExt as _;

use core_kernel::TypedId as _;
use installation::Installation;
use serde_json::{Value, json};
use testkit::Environment;

const WHO: &str = "{ viewer { __typename } }";

impl Installation {
    /// A partner; its identifier and its key.
    fn partner(&self) -> (String, String) {
        let made = self.postern(&["partner", "create", "--name", "Northgate"], &[]);
        let id = made.err.split_whitespace().find(|word| word.starts_with("partner_")).unwrap().to_owned();
        (id, made.out.trim().to_owned())
    }

    async fn is_known(&self, key: &str) -> bool {
        self.ask(key, &json!({ "query": WHO })).await["errors"][0]["extensions"]["code"] != "UNAUTHENTICATED"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_made_and_told_what_comes_next() {
    let installation = Installation::new().await;
    let (partner, _) = installation.partner();
    let make = |more: &[&str]| {
        let args = ["tenant", "create", "--name", "Meridian", "--owner", "owner@meridian.example"];
        installation.postern(&[&args[..], more].concat(), &[])
    };
    let made = make(&["--slug", "meridian", "--partner", &partner, "--sandbox"]);
    assert!(made.good && made.out.starts_with("tenant_") && made.out.contains("meridian"), "{made:?}");
    assert!(made.err.contains("owner@meridian.example") && made.err.contains("postern key create --tenant meridian"));
    assert!(make(&["--slug", "alone"]).good, "a tenant of nobody's");
    let owned = "select count(*) from tenant t join partner p using (partner_id) where t.slug = 'meridian' and t.environment = 'SANDBOX'";
    assert_eq!(installation.count(owned).await, 1);
    let invited = "select count(*) from message where purpose = 'ADMIN_INVITATION'";
    assert_eq!(installation.count(invited).await, 2);
    let log = "select count(*) from audit_entry where actor = 'operator' and action = 'tenant.created'";
    assert_eq!(installation.count(log).await, 2);
    for (more, told) in [
        (vec!["--slug", "meridian"], "slug"),
        (vec!["--slug", "No!"], "slug"),
        (vec!["--slug", "x-y-z", "--partner", "partner_00000000000000000000000000"], "no such partner"),
        (vec!["--slug", "x-y-z", "--partner", "northgate"], "not a partner"),
    ] {
        let answer = make(&more);
        assert!(!answer.good && answer.out.is_empty() && answer.err.contains(told), "{more:?}: {answer:?}");
    }
    assert_eq!(installation.count("select count(*) from tenant where slug = 'x-y-z'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_people_are_named_invited_and_taken_off_the_list() {
    let installation = Installation::new().await;
    let (partner, _) = installation.partner();
    let admin = |what: &str, more: &[&str]| {
        installation.postern(&[&["partner", what, "--partner", &partner, "--email"], more].concat(), &[])
    };
    let added = admin("add-admin", &["olga@northgate.example"]);
    assert!(added.good && added.err.contains("OWNER") && added.err.contains("invitation"), "{added:?}");
    let invited = "select count(*) from message where purpose = 'ADMIN_INVITATION'";
    assert_eq!(installation.count(invited).await, 1);
    let linked = "select count(*) from partner_admin where account_id is not null and removed_at is null";
    assert_eq!(installation.count(linked).await, 1);
    let again = admin("add-admin", &["Olga@northgate.example"]);
    assert!(!again.good && again.err.contains("already"), "{again:?}");
    let nonsense = admin("add-admin", &["olga@northgate.example", "--role", "BOSS"]);
    assert!(!nonsense.good && nonsense.err.contains("BOSS"), "{nonsense:?}");
    assert_eq!(installation.count(invited).await, 1);
    assert!(admin("remove-admin", &["olga@northgate.example"]).good);
    assert!(!admin("remove-admin", &["olga@northgate.example"]).good, "once");
    assert_eq!(installation.count(linked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_listed_and_revoked_for_tenants_and_for_partners() {
    let installation = Installation::new().await;
    let (partner, first) = installation.partner();
    let tenant = installation.bed.tenant(Environment::Live).await.to_text();
    for whose in [["--tenant", tenant.as_str()], ["--partner", partner.as_str()]] {
        let create = ["key", "create", whose[0], whose[1], "--name", "website", "--scope", "login", "--scope", "READ"];
        let made = installation.postern(&create, &[("POSTERN_LOG__FILTER", "trace")]);
        assert!(made.good, "{made:?}");
        let key = made.out.trim();
        // The end of it, and not what follows its last underscore, of which a random text has some.
        let random = &key[key.len() - 20..];
        assert!(!made.err.contains(random) && made.err.contains("LOGIN READ"), "{}", made.err);
        assert!(installation.is_known(key).await);
        let listed = installation.postern(&["key", "list", whose[0], whose[1]], &[]);
        let line = listed.out.lines().find(|line| line.ends_with("website")).unwrap();
        assert!(!listed.out.contains(random) && line.contains("LOGIN READ"), "{}", listed.out);
        let id = line.split_whitespace().next().unwrap();
        let revoked = installation.postern(&["key", "revoke", whose[0], whose[1], id], &[]);
        assert!(revoked.good && revoked.out.starts_with("website"), "{revoked:?}");
        assert!(!installation.is_known(key).await);
        assert!(installation.postern(&["key", "list", whose[0], whose[1]], &[]).out.contains("revoked"));
    }
    assert!(installation.is_known(&first).await, "the other one opens as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_owner_is_not_found_and_scopes_are_spelt() {
    let installation = Installation::new().await;
    let ((mine, _), (other, _)) = (installation.partner(), installation.partner());
    let listed = installation.postern(&["key", "list", "--partner", &other], &[]);
    let foreign = listed.out.split_whitespace().next().unwrap();
    let tenant = installation.bed.tenant(Environment::Live).await.to_text();
    for whose in [["--partner", mine.as_str()], ["--tenant", tenant.as_str()]] {
        let answer = installation.postern(&["key", "revoke", whose[0], whose[1], foreign], &[]);
        assert!(!answer.good && answer.err.contains("no such"), "{answer:?}");
    }
    assert_eq!(installation.count("select count(*) from partner_api_key where revoked_at is not null").await, 0);
    let root = installation.postern(&["key", "create", "--tenant", &tenant, "--name", "x", "--scope", "root"], &[]);
    assert!(!root.good && root.err.contains("root is no scope"), "{root:?}");
    assert!(!installation.postern(&["key", "list"], &[]).good, "whose?");
    assert!(!installation.postern(&["key", "list", "--tenant", &tenant, "--partner", &mine], &[]).good, "which?");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tenant_has_is_written_for_the_operator_alone_and_whole() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await;
    installation.bed.user(tenant, "=ann", core_policy::UserKind::External).await;
    let id = tenant.to_text();
    let file = installation.folder.join("users.csv");
    let path = file.to_str().unwrap();
    let export = ["export", "users", "--tenant", id.as_str(), "--contacts", "--output", path];
    let answer = installation.postern(&export, &[]);
    assert!(answer.good && answer.out.contains("1 users"), "{answer:?}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        text,
        "external_id,kind,display_name,email,phone,recovery_phone,advisor_email\r\n'=ann,EXTERNAL,,,,,\r\n"
    );
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = installation.postern(&export, &[]);
    assert!(!again.good && again.err.contains("is there already"), "{again:?}");

    let folder = installation.folder.join("all");
    let all = installation.postern(&["tenant", "export", &id, "--output", folder.to_str().unwrap()], &[]);
    assert!(all.good, "{all:?}");
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["audit.jsonl", "logins.jsonl", "messages.jsonl", "tenant.json", "users.jsonl"]);
    let told: Value = serde_json::from_slice(&std::fs::read(folder.join("tenant.json")).unwrap()).unwrap();
    assert_eq!((&told["id"], &told["policies"][0]["version"]), (&json!(id), &json!(1)));

    let person = installation.folder.join("ann.json");
    let asked = ["user", "export", "=ann", "--tenant", &id, "--output", person.to_str().unwrap()];
    assert!(installation.postern(&asked, &[]).good);
    let held: Value = serde_json::from_slice(&std::fs::read(&person).unwrap()).unwrap();
    assert_eq!(held["held"]["tenant_user"][0]["external_id"], "=ann");
    let log =
        "select count(*) from audit_entry where actor = 'operator' and action in ('tenant.exported', 'user.exported')";
    assert_eq!(installation.count(log).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_fails_leaves_nothing() {
    let installation = Installation::new().await;
    let id = installation.bed.tenant(Environment::Live).await.to_text();
    let had = installation.files();
    let nobody = installation.folder.join("nobody.json");
    for args in [
        vec!["user", "export", "nobody", "--tenant", &id, "--output", nobody.to_str().unwrap()],
        vec!["export", "users", "--tenant", "nobody", "--output", nobody.to_str().unwrap()],
        vec!["export", "logins", "--tenant", &id, "--output", "/nowhere/logins.csv"],
        vec!["export", "keys", "--tenant", &id, "--output", nobody.to_str().unwrap()],
    ] {
        let answer = installation.postern(&args, &[]);
        assert!(!answer.good && !answer.err.is_empty(), "{args:?}: {answer:?}");
        assert_eq!(installation.files(), had, "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_deleted_by_name_restored_and_not_resumed_meanwhile() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await;
    let (id, slug) = (tenant.to_text(), format!("t-{}", tenant.0.simple()));
    let made = installation.postern(&["key", "create", "--tenant", &slug, "--name", "k", "--scope", "READ"], &[]);
    let key = made.out.trim();
    let wrong = installation.postern(&["tenant", "delete", &id, "--confirm", "another"], &[]);
    assert!(!wrong.good && wrong.err.contains("nothing was done") && installation.is_known(key).await, "{wrong:?}");
    assert!(!installation.postern(&["tenant", "delete", &id], &[]).good, "it is confirmed");

    let deleted = installation.postern(&["tenant", "delete", &slug, "--confirm", &slug], &[]);
    assert!(deleted.good && deleted.out.contains("postern tenant restore"), "{deleted:?}");
    assert!(!installation.is_known(key).await);
    for verb in ["resume", "suspend"] {
        let answer = installation.postern(&["tenant", verb, &slug], &[]);
        assert!(!answer.good && answer.err.contains("was deleted"), "{answer:?}");
    }
    let restored = installation.postern(&["tenant", "restore", &slug], &[]);
    assert!(restored.good && installation.is_known(key).await, "{restored:?}");
    assert!(!installation.postern(&["tenant", "restore", &slug], &[]).good, "once");
    assert!(!installation.postern(&["tenant", "delete", "nobody", "--confirm", "nobody"], &[]).good);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_deleted_tenant_can_be_restored_is_the_operators() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await;
    let slug = format!("t-{}", tenant.0.simple());
    let days = [("POSTERN_RETENTION__DELETED_TENANTS_DAYS", "7")];
    assert!(installation.postern(&["tenant", "delete", &slug, "--confirm", &slug], &days).good);
    let week = "select count(*) from tenant_ending where erase_after between now() + interval '6 days' and now() + interval '7 days'";
    assert_eq!(installation.count(week).await, 1);
    let short = installation.postern(&["doctor"], &[("POSTERN_RETENTION__LOGINS_DAYS", "30")]);
    assert!(!short.good && short.err.contains("retention.logins_days must be a number of days from 62"), "{short:?}");
}
