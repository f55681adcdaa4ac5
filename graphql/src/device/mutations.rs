//! Forgetting devices.

use async_graphql::{Context, ID, InputObject, Object, Result};
use core_access::Operation;
use svc_factors::ForgetDevices;

use crate::context::{permit, services};
use crate::directory::{User, UserRef, user_or_errors};
use crate::errors::payload;

/// Forget trusted devices.
#[derive(InputObject)]
pub struct ForgetDevicesInput {
    /// Whose.
    pub user: UserRef,
    /// Left out: all.
    pub device_ids: Option<Vec<ID>>,
}

payload! {
    /// The devices are trusted no longer.
    ForgetDevicesPayload {
        /// Whose they were.
        user: User,
    }
}

#[derive(Default)]
pub struct DeviceMutation;

#[Object]
impl DeviceMutation {
    /// Trust devices no longer: some of a user's, or all.
    async fn forget_devices(&self, ctx: &Context<'_>, input: ForgetDevicesInput) -> Result<ForgetDevicesPayload> {
        let permit = permit(ctx, Operation::ForgetDevices)?;
        let device_ids = input.device_ids.map(|ids| ids.into_iter().map(|id| id.0).collect());
        let result = Box::pin(
            services(ctx)?.factors.forget_devices(&permit, ForgetDevices { user: input.user.into(), device_ids }),
        )
        .await;
        let (user, user_errors) = Box::pin(user_or_errors(ctx, result)).await?;
        Ok(ForgetDevicesPayload { user, user_errors })
    }
}
