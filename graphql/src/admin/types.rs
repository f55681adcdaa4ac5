//! An administrator, and who may see one.

use async_graphql::{Context, ID, Result, SimpleObject};
use core_access::{Caller, Operation, Permit};
use core_kernel::{AdminId, Fault, TypedId};
use svc_admins::AdminView;

use crate::context::{caller, partner_caller, permit, services};
use crate::enums::AdminRole;
use crate::ids::id;
use crate::loaders::loaders;
use crate::scalars::DateTime;

/// A person who administers a tenant.
#[derive(SimpleObject, Clone)]
pub struct Admin {
    /// Opaque, unique and never reused.
    #[graphql(owned)]
    pub id: ID,
    /// Where mail reaches the person, and the name to sign in with.
    pub email: String,
    /// As the person chose it; null until they signed in.
    pub display_name: Option<String>,
    /// What the person may do.
    pub role: AdminRole,
    /// The last sign-in since the person was invited to this tenant.
    pub last_signed_in_at: Option<DateTime>,
    /// When password and second factor are to be set up anew, where an OWNER asked for that.
    pub reset_at: Option<DateTime>,
}

impl From<AdminView> for Admin {
    fn from(view: AdminView) -> Self {
        Self {
            id: id(view.admin_id),
            email: view.email,
            display_name: view.display_name,
            role: view.role.into(),
            last_signed_in_at: view.last_signed_in_at.map(DateTime::from),
            reset_at: view.reset_at.map(DateTime::from),
        }
    }
}

impl From<svc_directory::PartnerAdmin> for Admin {
    fn from(admin: svc_directory::PartnerAdmin) -> Self {
        Self {
            id: id(admin.admin_id),
            email: admin.email,
            display_name: admin.display_name,
            role: admin.role.into(),
            last_signed_in_at: admin.last_signed_in_at.map(DateTime::from),
            reset_at: None,
        }
    }
}

/// Whoever answers for the partner and is asking.
///
/// # Errors
/// UNAUTHENTICATED where they were taken off the list since the request was let in.
pub(crate) async fn own_partner_admin(ctx: &Context<'_>) -> Result<Admin> {
    let caller = partner_caller(ctx).ok_or(Fault::Unauthenticated)?;
    let permit = caller.permit(Operation::Viewer)?;
    let found = services(ctx)?.directory.own_partner_admin(&permit).await?;
    Ok(found.map(Admin::from).ok_or(Fault::Unauthenticated)?)
}

/// The tenant's administrators.
pub(crate) async fn tenant_admins(ctx: &Context<'_>, caller: &Caller) -> Result<Vec<Admin>> {
    let permit = caller.permit(Operation::ReadAdmins)?;
    let admins = services(ctx)?.admins.list_admins(&permit).await?;
    Ok(admins.into_iter().map(Admin::from).collect())
}

/// A user's advisor, for whoever may see the user.
pub(crate) async fn find_advisor(ctx: &Context<'_>, advisor: AdminId) -> Result<Option<Admin>> {
    let (permit, admins) = (permit(ctx, Operation::ReadUser)?, services(ctx)?.admins.clone());
    let load = |ids: Vec<AdminId>| async move { admins.lookup_admins(&permit, &ids).await };
    Ok(loaders(ctx)?.advisors.load(advisor, load).await?.map(Admin::from))
}

/// One of them, for whoever may see what names them.
pub(crate) async fn find_admin(ctx: &Context<'_>, permit: &Permit, admin: AdminId) -> Result<Option<Admin>> {
    Ok(services(ctx)?.admins.lookup_admin(permit, admin).await?.map(Admin::from))
}

/// A node: oneself, or any of them for whoever may list them.
pub(crate) async fn load_admin(ctx: &Context<'_>, id: &str) -> Result<Option<Admin>> {
    let (Some(admin), Ok(caller)) = (AdminId::from_text(id), caller(ctx)) else { return Ok(None) };
    let own = caller.administrator().is_some_and(|acting| acting.id == admin);
    let operation = if own { Operation::Viewer } else { Operation::ReadAdmins };
    match caller.permit(operation) {
        Ok(permit) => find_admin(ctx, &permit, admin).await,
        Err(_) => Ok(None),
    }
}
