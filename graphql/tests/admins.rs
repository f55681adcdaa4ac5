//! Administrators through the schema. The rules themselves are tested with their service.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use common::{Fixture, key, of, partner};
use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, PartnerCaller, PartnerPrincipal, Principal};
use core_kernel::{TenantId, TypedId};
use graphql::Authority;
use serde_json::{Value, json};
use svc_admins::InviteAdmin;
use testkit::{Environment, partner_caller};

const INVITE: &str = "mutation ($input: InviteAdminInput!) { inviteAdmin(input: $input) {
    admin { id email displayName role lastSignedInAt } userErrors { code field } } }";
const CHANGE: &str = "mutation ($input: ChangeAdminRoleInput!) { changeAdminRole(input: $input) {
    admin { role } userErrors { code field } } }";
const REMOVE: &str =
    "mutation ($input: RemoveAdminInput!) { removeAdmin(input: $input) { deletedId userErrors { code field } } }";

const END: &str = "mutation ($input: EndAdminSessionsInput!) { endAdminSessions(input: $input) {
    admin { email } userErrors { code field } } }";
const RESET: &str = "mutation ($input: ResetAdminInput!) { resetAdmin(input: $input) {
    admin { resetAt } userErrors { code field } } }";
const KEEP: &str = "mutation ($input: ResetAdminInput!) { cancelAdminReset(input: $input) {
    admin { resetAt } userErrors { code field } } }";

async fn admin(test: &Fixture, tenant: TenantId, email: &str, role: AdminRole) -> Actor {
    let permit = Caller::system(tenant).permit(Operation::InviteAdmin).unwrap();
    let input = InviteAdmin { email: email.to_owned(), role };
    test.services.admins.invite_admin(&permit, &input).await.unwrap().actor()
}

fn session(tenant: TenantId, actor: &Actor) -> Authority {
    of(Caller { tenant, principal: Principal::Admin(actor.clone()), actor: None, ip: None })
}

fn input(fields: Value) -> Value {
    json!({ "input": fields })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_invites_changes_and_removes() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let owner = admin(&test, tenant, "ann@firm.example", AdminRole::Owner).await;
    let ann = || session(tenant, &owner);
    let data = test.data(ann(), INVITE, input(json!({"email": "Bob@Firm.example", "role": "ADVISOR"}))).await;
    let bob = data["inviteAdmin"]["admin"].clone();
    let id = bob["id"].clone();
    assert_eq!(
        bob,
        json!({"id": id, "email": "Bob@firm.example", "displayName": null, "role": "ADVISOR", "lastSignedInAt": null})
    );
    let data = test.data(ann(), INVITE, input(json!({"email": "bob", "role": "ADMIN"}))).await;
    assert_eq!(data["inviteAdmin"], json!({"admin": null, "userErrors": [{"code": "INVALID", "field": ["email"]}]}));

    let data = test.data(ann(), CHANGE, input(json!({"id": id, "role": "SUPPORT"}))).await;
    assert_eq!(data["changeAdminRole"], json!({"admin": {"role": "SUPPORT"}, "userErrors": []}));
    let list = "{ tenant { admins { email role } } }";
    let data = test.data(ann(), list, json!({})).await;
    assert_eq!(
        data["tenant"]["admins"],
        json!([{"email": "ann@firm.example", "role": "OWNER"}, {"email": "Bob@firm.example", "role": "SUPPORT"}])
    );
    let data = test.data(ann(), REMOVE, input(json!({"id": id}))).await;
    assert_eq!(data["removeAdmin"], json!({"deletedId": id, "userErrors": []}));
    let data = test.data(ann(), REMOVE, input(json!({"id": owner.id.to_text()}))).await;
    assert_eq!(data["removeAdmin"]["userErrors"], json!([{"code": "NOT_ALLOWED_BY_POLICY", "field": ["id"]}]));
    let data = test.data(ann(), "query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(data["node"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_by_session_is_the_administrator() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let auditor = admin(&test, tenant, "ann@firm.example", AdminRole::Auditor).await;
    let query = "{ viewer { __typename ... on Admin { id email displayName role lastSignedInAt } } }";
    let data = test.data(session(tenant, &auditor), query, json!({})).await;
    assert_eq!(
        data["viewer"],
        json!({"__typename": "Admin", "id": auditor.id.to_text(), "email": "ann@firm.example", "displayName": null,
               "role": "AUDITOR", "lastSignedInAt": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_changes_administrators() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let owner = admin(&test, tenant, "ann@firm.example", AdminRole::Owner).await;
    let auditor = admin(&test, tenant, "bob@firm.example", AdminRole::Auditor).await;
    let id = owner.id.to_text();
    let every_scope = || key(tenant, &ApiScope::ALL);
    for who in [session(tenant, &auditor), every_scope()] {
        assert_eq!(test.error(who.clone(), REMOVE, input(json!({ "id": id }))).await, "FORBIDDEN");
        assert_eq!(test.error(who, CHANGE, input(json!({ "id": id, "role": "AUDITOR" }))).await, "FORBIDDEN");
    }
    let invite = input(json!({"email": "eve@firm.example", "role": "OWNER"}));
    assert_eq!(test.error(session(tenant, &auditor), INVITE, invite.clone()).await, "FORBIDDEN");
    assert_eq!(test.error(key(tenant, &[ApiScope::Policy]), INVITE, invite).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_administrator_is_nobody() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let other = test.bed.tenant(Environment::Sandbox).await;
    let ann = admin(&test, tenant, "ann@firm.example", AdminRole::Owner).await;
    let eve = admin(&test, other, "eve@other.example", AdminRole::Owner).await;
    let id = eve.id.to_text();
    let not_found = json!([{"code": "NOT_FOUND", "field": ["id"]}]);
    let data = test.data(session(tenant, &ann), REMOVE, input(json!({ "id": id }))).await;
    assert_eq!(data["removeAdmin"]["userErrors"], not_found);
    let data = test.data(session(tenant, &ann), CHANGE, input(json!({ "id": id, "role": "AUDITOR" }))).await;
    assert_eq!(data["changeAdminRole"]["userErrors"], not_found);
    let data = test.data(session(tenant, &ann), "query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(data["node"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenant_has_its_owner_invited() {
    let test = Fixture::new().await;
    let firm = test.services.directory.create_partner("Firm").await.unwrap();
    let caller = partner_caller(firm, &[ApiScope::Tenants]);
    let create = "mutation ($input: CreateTenantInput!) { createTenant(input: $input) {
        tenant { id admins { email role } } userErrors { code field } } }";
    let fields =
        json!({"slug": "new-firm", "name": "New Firm", "environment": "SANDBOX", "ownerEmail": "ann@new.example"});
    let data = test.data(partner(&caller), create, input(fields.clone())).await;
    let created = &data["createTenant"]["tenant"];
    assert_eq!(created["admins"], json!([{"email": "ann@new.example", "role": "OWNER"}]));
    let data = test.data(partner(&caller), create, input(fields)).await;
    assert_eq!(data["createTenant"]["userErrors"], json!([{"code": "ALREADY_EXISTS", "field": ["slug"]}]));
    // The partner's key invites in its tenant, and changes nobody.
    let tenant = TenantId::from_text(created["id"].as_str().unwrap()).unwrap();
    let within = || of(caller.in_tenant(tenant, None));
    let data = test.data(within(), INVITE, input(json!({"email": "bob@new.example", "role": "ADMIN"}))).await;
    let id = data["inviteAdmin"]["admin"]["id"].clone();
    assert_eq!(test.error(within(), REMOVE, input(json!({ "id": id }))).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_owner_of_the_tenant_ends_sessions_and_resets() {
    let test = Fixture::new().await;
    let tenant = test.bed.tenant(Environment::Sandbox).await;
    let owner = admin(&test, tenant, "ann@firm.example", AdminRole::Owner).await;
    let bob = admin(&test, tenant, "bob@firm.example", AdminRole::Admin).await;
    let firm = test.services.directory.create_partner("Firm").await.unwrap();
    let of_partner = PartnerCaller {
        partner: firm,
        principal: PartnerPrincipal::Admin(Actor { role: AdminRole::Owner, ..owner.clone() }),
        ip: None,
    };
    let id = input(json!({ "id": bob.id.to_text() }));
    for who in [session(tenant, &bob), key(tenant, &ApiScope::ALL), of(of_partner.in_tenant(tenant, None))] {
        for query in [END, RESET, KEEP] {
            assert_eq!(test.error(who.clone(), query, id.clone()).await, "FORBIDDEN", "{who:?}");
        }
    }
    let ann = || session(tenant, &owner);
    let ended = test.data(ann(), END, id.clone()).await;
    assert_eq!(ended["endAdminSessions"], json!({"admin": {"email": "bob@firm.example"}, "userErrors": []}));
    // Whoever never came has nothing to reset, and nobody resets themselves.
    let not_allowed = json!({"admin": null, "userErrors": [{"code": "NOT_ALLOWED_BY_POLICY", "field": ["id"]}]});
    assert_eq!(test.data(ann(), RESET, id.clone()).await["resetAdmin"], not_allowed);
    let own = input(json!({ "id": owner.id.to_text() }));
    assert_eq!(test.data(ann(), RESET, own).await["resetAdmin"], not_allowed);
    let kept = test.data(ann(), KEEP, id).await;
    assert_eq!(kept["cancelAdminReset"], json!({"admin": {"resetAt": null}, "userErrors": []}));
}
