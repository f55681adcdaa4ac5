//! The roots, merged from the domains, and the dispatch of `node`.
//!
//! To add a domain: `mod domain;` in lib.rs, its query and mutation structs in [`Query`] and
//! [`Mutation`], its nodes as variants of [`Node`] with an arm in [`load_node`].

use async_graphql::{Context, ID, Interface, MergedObject, Object, Result, Schema, SchemaBuilder};
use core_kernel::{
    AdminId, ApiKeyId, AuditEntryId, ChallengeId, DeviceId, FactorId, ImportId, LoginId, MessageId, PartnerId,
    PolicyId, PolicySimulationId, ReminderRunId, TemporaryAccessCodeId, TemporaryAccessRequestId, TenantId, TypedId,
    UserId, WebhookDeliveryId, WebhookEndpointId,
};
use svc_logins::MethodId;

use crate::admin::{Admin, AdminMutation, load_admin};
use crate::audit::{AuditEntry, load_audit_entry};
use crate::billing::BillingMutation;
use crate::challenge::Challenge;
use crate::device::{DeviceMutation, TrustedDevice, load_device};
use crate::directory::{
    ApiKey, DirectoryMutation, DirectoryQuery, Partner, Tenant, User, load_api_key, load_partner, load_tenant,
    load_user,
};
use crate::factor::{
    BackupCodesFactor, EmailFactor, Factor, FactorMutation, PasskeyFactor, PasskeyMutation, PhoneFactor,
    SettingMutation, TotpFactor, load_factor,
};
use crate::helpdesk::{
    HelpDeskMutation, TemporaryAccessCode, TemporaryAccessRequest, load_temporary_access_code,
    load_temporary_access_request,
};
use crate::identity_provider::IdentityProviderMutation;
use crate::import::{ImportJob, ImportMutation, load_import};
use crate::login::{Login, LoginMethod, LoginMutation, LoginQuery, load_challenge, load_login, load_method};
use crate::message::{Message, MessageMutation, load_message};
use crate::policy::{Policy, PolicyMutation, load_policy};
use crate::prompt::PromptMutation;
use crate::rollout::{EnrollmentReminderRun, RolloutMutation, load_reminder_run};
use crate::simulation::{PolicySimulation, SimulationMutation, load_simulation};
use crate::subscription::Subscription;
use crate::viewer::ViewerQuery;
use crate::webhook::{WebhookDelivery, WebhookEndpoint, WebhookMutation, load_webhook_delivery, load_webhook_endpoint};

/// Reading. Lists are Relay connections.
#[derive(MergedObject, Default)]
pub struct Query(ViewerQuery, NodeQuery, DirectoryQuery, LoginQuery);

/// Changing. Every mutation takes one `input` and returns its own payload with `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(UserMutation, TenantMutation);

/// What concerns one user. Merged in two halves, and these again: in one list of all domains every
/// future would hold that of the next, deeper than the compiler follows.
#[derive(MergedObject, Default)]
struct UserMutation(
    LoginMutation,
    PromptMutation,
    FactorMutation,
    PasskeyMutation,
    SettingMutation,
    DeviceMutation,
    HelpDeskMutation,
);

/// What concerns all of a tenant's.
#[derive(MergedObject, Default)]
struct TenantMutation(
    PolicyMutation,
    SimulationMutation,
    DirectoryMutation,
    TeamMutation,
    WebhookMutation,
    BillingMutation,
    RolloutMutation,
    MessageMutation,
    ImportMutation,
);

/// What concerns administrators, and by whom they are let in.
#[derive(MergedObject, Default)]
struct TeamMutation(AdminMutation, IdentityProviderMutation);

/// The schema's type.
pub(crate) type PosternSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema without services: enough to print it.
pub(crate) fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
}

/// The schema in the schema language, as `graphql/schema.graphql` holds it.
#[must_use]
pub fn print_schema() -> String {
    let options = async_graphql::SDLExportOptions::new().prefer_single_line_descriptions().use_space_ident();
    format!(
        "# Printed by `cargo run -q -p graphql --bin print-schema`; do not edit.\n\n{}",
        builder().finish().sdl_with_options(options)
    )
}

/// Anything with a global identifier.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, unique and never reused."))]
pub enum Node {
    /// An integrator's credential.
    ApiKey(ApiKey),
    /// A person who administers a tenant.
    Admin(Admin),
    /// A firm that owns tenants.
    Partner(Partner),
    /// A firm with its own policy and users.
    Tenant(Tenant),
    /// One version of a tenant's policy.
    Policy(Policy),
    /// A rehearsal of a policy.
    PolicySimulation(PolicySimulation),
    /// One sending of reminders.
    EnrollmentReminderRun(EnrollmentReminderRun),
    /// A person whose logins are protected.
    User(User),
    /// A phone.
    PhoneFactor(PhoneFactor),
    /// A mailbox.
    EmailFactor(EmailFactor),
    /// An authenticator app.
    TotpFactor(TotpFactor),
    /// A passkey.
    PasskeyFactor(PasskeyFactor),
    /// Codes that the user wrote down.
    BackupCodesFactor(BackupCodesFactor),
    /// A device on which a factor was proved.
    TrustedDevice(TrustedDevice),
    /// One attempt to get in.
    Login(Login),
    /// One way to complete a login.
    LoginMethod(LoginMethod),
    /// One proof asked of one factor.
    Challenge(Challenge),
    /// One text, call or mail.
    Message(Message),
    /// A code that an advisor reads to a user.
    TemporaryAccessCode(TemporaryAccessCode),
    /// A user's plea to the advisor.
    TemporaryAccessRequest(TemporaryAccessRequest),
    /// One entry of the audit log.
    AuditEntry(AuditEntry),
    /// A file of users or tenants.
    ImportJob(ImportJob),
    /// Where a tenant is told of events.
    WebhookEndpoint(WebhookEndpoint),
    /// One event on its way to one endpoint.
    WebhookDelivery(WebhookDelivery),
}

#[derive(Default)]
struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this identifier, as far as the caller may see it; null for everything else.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        load_node(ctx, id.as_str()).await
    }
}

/// Dispatch by the identifier's prefix. A loader answers `None` for what is absent, foreign or not this caller's to see.
/// Boxed: a merged schema holds the largest future of all its fields in every one, and unoptimised they fill a thread's stack.
async fn load_node(ctx: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let Some((prefix, _)) = id.rsplit_once('_') else { return Ok(None) };
    Ok(match prefix {
        ApiKeyId::PREFIX => Box::pin(load_api_key(ctx, id)).await?.map(Node::ApiKey),
        AdminId::PREFIX => Box::pin(load_admin(ctx, id)).await?.map(Node::Admin),
        PartnerId::PREFIX => Box::pin(load_partner(ctx, id)).await?.map(Node::Partner),
        TenantId::PREFIX => Box::pin(load_tenant(ctx, id)).await?.map(Node::Tenant),
        PolicyId::PREFIX => Box::pin(load_policy(ctx, id)).await?.map(Node::Policy),
        PolicySimulationId::PREFIX => Box::pin(load_simulation(ctx, id)).await?.map(Node::PolicySimulation),
        ReminderRunId::PREFIX => Box::pin(load_reminder_run(ctx, id)).await?.map(Node::EnrollmentReminderRun),
        UserId::PREFIX => Box::pin(load_user(ctx, id)).await?.map(Node::User),
        FactorId::PREFIX => Box::pin(load_factor(ctx, id)).await?.map(Factor::into_node),
        DeviceId::PREFIX => Box::pin(load_device(ctx, id)).await?.map(Node::TrustedDevice),
        LoginId::PREFIX => Box::pin(load_login(ctx, id)).await?.map(Node::Login),
        MethodId::PREFIX => Box::pin(load_method(ctx, id)).await?.map(Node::LoginMethod),
        ChallengeId::PREFIX => Box::pin(load_challenge(ctx, id)).await?.map(Node::Challenge),
        MessageId::PREFIX => Box::pin(load_message(ctx, id)).await?.map(Node::Message),
        TemporaryAccessCodeId::PREFIX => {
            Box::pin(load_temporary_access_code(ctx, id)).await?.map(Node::TemporaryAccessCode)
        }
        TemporaryAccessRequestId::PREFIX => {
            Box::pin(load_temporary_access_request(ctx, id)).await?.map(Node::TemporaryAccessRequest)
        }
        AuditEntryId::PREFIX => Box::pin(load_audit_entry(ctx, id)).await?.map(Node::AuditEntry),
        ImportId::PREFIX => Box::pin(load_import(ctx, id)).await?.map(Node::ImportJob),
        WebhookEndpointId::PREFIX => Box::pin(load_webhook_endpoint(ctx, id)).await?.map(Node::WebhookEndpoint),
        WebhookDeliveryId::PREFIX => Box::pin(load_webhook_delivery(ctx, id)).await?.map(Node::WebhookDelivery),
        _ => None,
    })
}
