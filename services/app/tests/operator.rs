//! The operator's commands, run as processes: what they print, to whom, and what they leave behind.

mod installation;

use core_kernel::TypedId as _;
use installation::Installation;
use serde_json::json;
use testkit::Environment;

const CREATE: [&str; 4] = ["partner", "create", "--name", "Northgate Services"];

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_key_is_printed_once_and_makes_a_tenant() {
    let installation = Installation::new().await;
    let everything = [("POSTERN_LOG__FILTER", "trace")];
    let answer = installation.postern(&CREATE, &everything);
    assert!(answer.good, "{answer:?}");
    let key = answer.out.strip_suffix('\n').unwrap();
    assert!(key.starts_with("postern_partner_") && !key.contains(char::is_whitespace), "the key and nothing else");
    let random = key.trim_start_matches("postern_partner_");
    assert!(!answer.err.contains(random), "not in the log, whatever is logged");
    assert!(answer.err.contains("partner_") && answer.err.contains("not shown again"), "{}", answer.err);
    assert_eq!(installation.files(), [installation.folder.join("master.key")], "it is kept nowhere");

    let query = "mutation($i: CreateTenantInput!) { createTenant(input: $i) { tenant { id } userErrors { code } } }";
    let input = json!({ "slug": "meridian", "name": "Meridian", "ownerEmail": "owner@meridian.example" });
    let made = installation.ask(key, &json!({ "query": query, "variables": { "i": input } })).await;
    assert_eq!(made["data"]["createTenant"]["userErrors"], json!([]), "{made}");
    let owned = "select count(*) from tenant t join partner p using (partner_id) where p.name = 'Northgate Services'";
    assert_eq!(installation.count(owned).await, 1);

    let again = installation.postern(&CREATE, &[]);
    assert!(again.good && again.out != answer.out, "another partner, another key");
    assert_eq!(installation.count("select count(*) from partner").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_told_in_a_sentence_and_leaves_nothing() {
    let installation = Installation::new().await;
    let owner = installation.bed.database.owner_url();
    for (args, more, told) in [
        (["partner", "create", "--name", "\n"], None, "name"),
        (CREATE, Some(("POSTERN_DATABASE_URL", owner.as_str())), "must not be served from"),
        (CREATE, Some(("POSTERN_DATABASE_URL", "postgres://postern_app@127.0.0.1:1/none")), "cannot be reached"),
        (CREATE, Some(("POSTERN_KEYS__MASTER_FILE", "/nowhere/master.key")), "/nowhere/master.key"),
    ] {
        let answer = installation.postern(&args, more.as_slice());
        assert!(!answer.good && answer.out.is_empty(), "{answer:?}");
        let said = answer.err.lines().find(|line| line.starts_with("postern: ")).unwrap_or_default();
        assert!(answer.err.contains(told), "{}", answer.err);
        assert!(!said.contains("Refus"), "{said}");
    }
    assert_eq!(installation.count("select count(*) from partner").await, 0);
    assert!(!installation.postern(&["partner", "create"], &[]).good, "a partner has a name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_suspended_by_name_and_resumed() {
    let installation = Installation::new().await;
    let tenant = installation.bed.tenant(Environment::Live).await;
    let (id, slug) = (tenant.to_text(), format!("t-{}", tenant.0.simple()));
    let suspended = "select count(*) from tenant where status = 'SUSPENDED'";
    for (verb, named, count, told) in [
        ("suspend", &slug, 1, "is suspended"),
        ("suspend", &id, 1, "was suspended before"),
        ("resume", &id, 0, "is served again"),
        ("resume", &slug, 0, "was not suspended"),
    ] {
        let answer = installation.postern(&["tenant", verb, named], &[]);
        assert!(answer.good && answer.out.contains(told), "{verb}: {answer:?}");
        assert_eq!(installation.count(suspended).await, count);
    }
    let answer = installation.postern(&["tenant", "suspend", "nobody"], &[]);
    assert_eq!((answer.good, answer.err.trim()), (false, "postern: nobody: There is no such tenant."));
    let app = installation.bed.database.app_url();
    let answer =
        installation.postern(&["tenant", "suspend", &slug], &[("POSTERN_MIGRATION_DATABASE_URL", app.as_str())]);
    assert!(!answer.good, "the role that serves does not look across tenants: {answer:?}");
    assert_eq!(installation.count(suspended).await, 0);
}
