//! Inputs of the administrators' mutations.

use async_graphql::{ID, InputObject};
use svc_admins::InviteAdmin;

use crate::enums::AdminRole;

/// Who is to help.
#[derive(InputObject)]
pub struct InviteAdminInput {
    /// Where the invitation goes, and the name to sign in with.
    pub email: String,
    /// What the person may do.
    pub role: AdminRole,
}

impl From<InviteAdminInput> for InviteAdmin {
    fn from(input: InviteAdminInput) -> Self {
        Self { email: input.email, role: input.role.into() }
    }
}

/// Another role.
#[derive(InputObject)]
pub struct ChangeAdminRoleInput {
    /// The administrator.
    pub id: ID,
    /// What the person may do from now on.
    pub role: AdminRole,
}

/// The end of sessions.
#[derive(InputObject)]
pub struct EndAdminSessionsInput {
    /// The administrator.
    pub id: ID,
}

/// A second factor to be set up anew.
#[derive(InputObject)]
pub struct ResetAdminInput {
    /// The administrator.
    pub id: ID,
}

/// The end of a role.
#[derive(InputObject)]
pub struct RemoveAdminInput {
    /// The administrator.
    pub id: ID,
}
