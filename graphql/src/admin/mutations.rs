//! The administrators' mutations. Their commands are boxed: a merged schema holds the largest future of
//! all its fields in every one, and these are the largest.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;

use super::Admin;
use super::inputs::{ChangeAdminRoleInput, InviteAdminInput, RemoveAdminInput};
use crate::context::{permit, services};
use crate::errors::{answer, payload};
use crate::ids::id;

payload! {
    /// The administrator, who was sent a mail.
    InviteAdminPayload {
        /// The administrator.
        admin: Admin,
    }
    /// The administrator as they are now.
    ChangeAdminRolePayload {
        /// The administrator.
        admin: Admin,
    }
    /// The administrator who is none any more.
    RemoveAdminPayload {
        /// The identifier that the role had.
        deleted_id: ID,
    }
}

#[derive(Default)]
pub struct AdminMutation;

#[Object]
impl AdminMutation {
    /// Give a person a role in this tenant, and mail them how to sign in.
    async fn invite_admin(&self, ctx: &Context<'_>, input: InviteAdminInput) -> Result<InviteAdminPayload> {
        let permit = permit(ctx, Operation::InviteAdmin)?;
        let result = Box::pin(services(ctx)?.admins.invite_admin(&permit, &input.into())).await;
        Ok(answer(result, |admin| InviteAdminPayload { admin: Some(admin.into()), ..Default::default() })?)
    }

    /// Change what an administrator may do, from their next request on. A tenant keeps an OWNER.
    async fn change_admin_role(
        &self,
        ctx: &Context<'_>,
        input: ChangeAdminRoleInput,
    ) -> Result<ChangeAdminRolePayload> {
        let permit = permit(ctx, Operation::ManageAdmins)?;
        let admins = &services(ctx)?.admins;
        let result = Box::pin(admins.change_admin_role(&permit, input.id.as_str(), input.role.into())).await;
        Ok(answer(result, |admin| ChangeAdminRolePayload { admin: Some(admin.into()), ..Default::default() })?)
    }

    /// End an administrator's role; the users they looked after have no advisor then. A tenant keeps an OWNER.
    async fn remove_admin(&self, ctx: &Context<'_>, input: RemoveAdminInput) -> Result<RemoveAdminPayload> {
        let permit = permit(ctx, Operation::ManageAdmins)?;
        let result = Box::pin(services(ctx)?.admins.remove_admin(&permit, input.id.as_str())).await;
        Ok(answer(result, |removed| RemoveAdminPayload { deleted_id: Some(id(removed)), ..Default::default() })?)
    }
}
