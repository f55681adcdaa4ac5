//! What is taken out: all of it, of this tenant alone, harmless, and on record.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use common::{Fixture, operator};
use core_access::{ApiScope, Operation};
use core_kernel::{Fault, RefusalCode, Stop, TenantId, TypedId as _, UserId};
use io_postgres::TenantTx;
use serde_json::Value;
use svc_directory::UserRef;
use svc_lifecycle::{ExportFormat, ExportRequest, Exported, export, export_person};
use svc_platform::place;
use testkit::{Environment, caller};
use uuid::Uuid;

fn operation(what: Exported) -> Operation {
    match what {
        Exported::Users => Operation::ReadUsers,
        Exported::Logins => Operation::ReadLogins,
        Exported::Messages => Operation::ReadMessages,
        Exported::Audit => Operation::ReadAudit,
    }
}

async fn written(f: &Fixture, tenant: TenantId, what: Exported, format: ExportFormat, contacts: bool) -> String {
    let mut out = Vec::new();
    let request = ExportRequest { what, format, contacts };
    let rows = export(&f.bed.platform, &operator(tenant, operation(what)), request, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    let header = usize::from(format == ExportFormat::Csv);
    assert_eq!(rows as usize + header, text.lines().count());
    text
}

/// A phone of the user, sealed as factors seal theirs.
async fn add_phone(f: &Fixture, tenant: TenantId, user: UserId, kind: &str, number: &str) {
    let key = f.bed.platform.keys.data_key(&f.bed.platform.database, tenant).await.unwrap();
    let entropy = &*f.bed.platform.entropy;
    let factor: Uuid = entropy.uuid_v7(f.now());
    let sealed = key.seal(&place(tenant, "factor", factor, "secret_sealed"), number.as_bytes(), entropy);
    let mut tx = TenantTx::begin(&f.bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, created_at)
         values ($1, $2, $3, $4, 'ACTIVE', 'MOBILE', 'US', $5, now())",
    )
    .bind(tenant.0)
    .bind(factor)
    .bind(user.0)
    .bind(kind)
    .bind(sealed)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_written_as_an_import_takes_them_with_phones_as_they_were() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Live).await;
    let ann = f.user(tenant, "ann").await;
    add_phone(&f, tenant, ann, "PHONE_PRIMARY", "+14155550132").await;
    add_phone(&f, tenant, ann, "PHONE_RECOVERY", "+14155550133").await;
    f.user(tenant, "=cmd|'/c calc'!A0").await;
    let csv = written(&f, tenant, Exported::Users, ExportFormat::Csv, true).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "external_id,kind,display_name,email,phone,recovery_phone,advisor_email");
    assert_eq!(lines[1], "ann,EXTERNAL,ann Example,ann@example.com,+14155550132,+14155550133,");
    assert!(lines[2].starts_with("'=cmd"), "{}", lines[2]);
    let jsonl = written(&f, tenant, Exported::Users, ExportFormat::Jsonl, true).await;
    let first: Value = serde_json::from_str(jsonl.lines().next().unwrap()).unwrap();
    assert_eq!((&first["phone"], &first["id"]), (&Value::from("+14155550132"), &Value::from(ann.to_text())));
    assert_eq!((&first["enrolled"], &first["disabled"]), (&Value::from(true), &Value::from(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_opened_for_the_operator_alone_and_only_where_asked_for() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    for format in [ExportFormat::Csv, ExportFormat::Jsonl] {
        let text = written(&f, tenant, Exported::Users, format, false).await;
        assert!(text.contains("ann") && !text.contains("example.com") && !text.contains("phone"), "{text}");
    }
    let request = ExportRequest { what: Exported::Users, format: ExportFormat::Csv, contacts: true };
    let key = caller(tenant, &ApiScope::ALL).permit(Operation::ReadUsers).unwrap();
    let mut out = Vec::new();
    let refused = export(&f.bed.platform, &key, request, &mut out).await;
    assert!(matches!(refused, Err(Fault::Forbidden { .. })) && out.is_empty());
    let person = export_person(&f.bed.platform, &key, &UserRef::ExternalId("ann".into())).await;
    assert!(matches!(person, Err(Stop::Fault(Fault::Forbidden { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_follows_another_and_no_row_is_lost_or_seen_twice() {
    let f = Fixture::new().await;
    let (tenant, other) = (f.bed.tenant(Environment::Live).await, f.full_tenant(Environment::Live).await);
    let ann = f.user(tenant, "ann").await;
    let many = "insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                                   policy_version, ip_address, max_attempts, created_at, expires_at)
                select $1, (this_month() - make_interval(months => n % 3))::date, uuid_v7(), $2, 'SIGN_IN', 'PASSWORD', 'ALLOW',
                       '{LOW_RISK}', 'STANDARD', 1, '192.0.2.1', 5, now(), now() from generate_series(1, 2500) n";
    f.run(tenant, many, ann.0).await;
    let jsonl = written(&f, tenant, Exported::Logins, ExportFormat::Jsonl, false).await;
    let rows: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2500);
    assert!(rows.iter().all(|row| row["external_id"] == "ann" && row["reasons"][0] == "LOW_RISK"));
    assert_eq!(written(&f, other, Exported::Logins, ExportFormat::Jsonl, false).await.lines().count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_on_record_before_the_first_row_and_messages_do_not_tell_where_they_went() {
    let f = Fixture::new().await;
    let (tenant, bystander) = (f.full_tenant(Environment::Live).await, f.full_tenant(Environment::Live).await);
    let before = f.everything(bystander).await;
    let messages = written(&f, tenant, Exported::Messages, ExportFormat::Csv, false).await;
    assert_eq!(messages.lines().count(), 4);
    assert!(!messages.contains("0102") && messages.contains("ONE_TIME_LINK"));
    let audit = written(&f, tenant, Exported::Audit, ExportFormat::Jsonl, false).await;
    let entries: Vec<Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let exports: Vec<_> = entries.iter().filter(|entry| entry["action"] == "tenant.exported").collect();
    assert_eq!(
        exports.iter().map(|entry| entry["detail"]["what"].as_str().unwrap()).collect::<Vec<_>>(),
        ["messages", "audit"]
    );
    assert!(exports.iter().all(|entry| entry["actor"] == "operator"));
    assert_eq!(f.everything(bystander).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_user_is_in_no_list_of_users_and_its_logins_have_a_pseudonym() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    let permit = caller(tenant, &[ApiScope::Users]).permit(Operation::UpsertUser).unwrap();
    f.directory.delete_user(&permit, &UserRef::ExternalId("ann".into())).await.unwrap();
    let users = written(&f, tenant, Exported::Users, ExportFormat::Csv, false).await;
    assert!(!users.contains("ann") && users.contains("bob"));
    let logins = written(&f, tenant, Exported::Logins, ExportFormat::Csv, false).await;
    assert!(logins.contains("erased:user_") && !logins.contains("ann,"), "{logins}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_all_that_is_held_and_nothing_that_proves_or_is_anothers() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Live).await;
    let (ann, bob) = (f.user(tenant, "ann").await, f.user(tenant, "bob").await);
    for user in [ann, bob] {
        add_phone(&f, tenant, user, "PHONE_PRIMARY", if user == ann { "+14155550132" } else { "+14155550199" }).await;
        f.run(tenant, common::LOGIN, user.0).await;
        f.run(tenant, common::LINK, user.0).await;
    }
    f.run(
        tenant,
        "insert into factor (tenant_id, factor_id, user_id, kind, status, secret_sealed, created_at)
                   values ($1, uuid_v7(), $2, 'TOTP', 'ACTIVE', '\\x0a0b', now())",
        ann.0,
    )
    .await;
    let permit = operator(tenant, Operation::ReadUser);
    let held = export_person(&f.bed.platform, &permit, &UserRef::ExternalId(" ANN".into())).await.unwrap();
    let text = held.to_string();
    for mine in ["ann Example", "ann@example.com", "+14155550132", "198.51.100.77", "Browser/9", "client.example"] {
        assert!(text.contains(mine), "{mine} is not told: {text}");
    }
    for not in ["bob", "4155550199", "\\\\x", "digest", "blind_index", "email_sealed", "0a0b"] {
        assert!(!text.contains(not), "{not} is told: {text}");
    }
    assert_eq!(held["user"], ann.to_text());
    // Every table with a user in it is looked at.
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition",
    )
    .fetch_all(&mut f.superuser().await)
    .await
    .unwrap();
    assert!(tables.len() > 8 && tables.iter().all(|table| held["held"].get(table).is_some()), "{tables:?}");

    let again = export_person(&f.bed.platform, &permit, &UserRef::Id(ann.to_text())).await.unwrap();
    assert_eq!(again["held"]["audit_entry"][0]["action"], "user.exported", "that it was told is told");
    let foreign = operator(f.bed.tenant(Environment::Live).await, Operation::ReadUser);
    for other in [UserRef::Id(ann.to_text()), UserRef::ExternalId("ann".into())] {
        match export_person(&f.bed.platform, &foreign, &other).await.unwrap_err() {
            Stop::Refused(refusals) => assert_eq!(refusals[0].code, RefusalCode::NotFound),
            Stop::Fault(fault) => panic!("{fault:?}"),
        }
    }
}
