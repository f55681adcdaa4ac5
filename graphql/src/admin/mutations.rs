//! The administrators' mutations. Their commands are boxed: a merged schema holds the largest future of
//! all its fields in every one, and these are the largest.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;

use super::Admin;
use super::inputs::{ChangeAdminRoleInput, EndAdminSessionsInput, InviteAdminInput, RemoveAdminInput, ResetAdminInput};
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
    /// The administrator, who has to sign in again.
    EndAdminSessionsPayload {
        /// The administrator.
        admin: Admin,
    }
    /// The administrator, who is told, and can prevent it by signing in.
    ResetAdminPayload {
        /// The administrator.
        admin: Admin,
    }
    /// The administrator, with whom all stays as it is.
    CancelAdminResetPayload {
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

    /// End what an administrator's sessions may do in this tenant, within a second; they sign in anew.
    async fn end_admin_sessions(
        &self,
        ctx: &Context<'_>,
        input: EndAdminSessionsInput,
    ) -> Result<EndAdminSessionsPayload> {
        let permit = permit(ctx, Operation::EndAdminSessions)?;
        let result = Box::pin(services(ctx)?.admins.end_admin_sessions(&permit, input.id.as_str())).await;
        Ok(answer(result, |admin| EndAdminSessionsPayload { admin: Some(admin.into()), ..Default::default() })?)
    }

    /// Have an administrator who lost their second factor set up password and second factor anew, by a mailed invitation in a
    /// day's time. Not for oneself, nor for whoever also has a role elsewhere; all OWNERs and the person are told.
    async fn reset_admin(&self, ctx: &Context<'_>, input: ResetAdminInput) -> Result<ResetAdminPayload> {
        let permit = permit(ctx, Operation::ResetAdmin)?;
        let result = Box::pin(services(ctx)?.admins.reset_admin(&permit, input.id.as_str())).await;
        Ok(answer(result, |admin| ResetAdminPayload { admin: Some(admin.into()), ..Default::default() })?)
    }

    /// Take back what `resetAdmin` asked for.
    async fn cancel_admin_reset(&self, ctx: &Context<'_>, input: ResetAdminInput) -> Result<CancelAdminResetPayload> {
        let permit = permit(ctx, Operation::ResetAdmin)?;
        let result = Box::pin(services(ctx)?.admins.cancel_admin_reset(&permit, input.id.as_str())).await;
        Ok(answer(result, |admin| CancelAdminResetPayload { admin: Some(admin.into()), ..Default::default() })?)
    }

    /// End an administrator's role; the users they looked after have no advisor then. A tenant keeps an OWNER.
    async fn remove_admin(&self, ctx: &Context<'_>, input: RemoveAdminInput) -> Result<RemoveAdminPayload> {
        let permit = permit(ctx, Operation::ManageAdmins)?;
        let result = Box::pin(services(ctx)?.admins.remove_admin(&permit, input.id.as_str())).await;
        Ok(answer(result, |removed| RemoveAdminPayload { deleted_id: Some(id(removed)), ..Default::default() })?)
    }
}
