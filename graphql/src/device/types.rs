//! A trusted device, and how it is found.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;
use core_kernel::{DeviceId, TypedId, UserId};
use svc_factors::DeviceView;

use crate::context::{permit, services};
use crate::ids::id;
use crate::loaders::loaders;
use crate::scalars::DateTime;

/// A device on which a factor was proved, and which needs none for a while at STANDARD; it ends with any change of the user's
/// factors. Its token is shown once, to the device.
pub struct TrustedDevice(DeviceView);

impl From<DeviceView> for TrustedDevice {
    fn from(view: DeviceView) -> Self {
        Self(view)
    }
}

#[Object]
impl TrustedDevice {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.device_id)
    }

    /// What its browser called itself.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }

    /// When a factor was proved on it.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last used, to about an hour.
    async fn last_seen_at(&self) -> DateTime {
        self.0.last_seen_at.into()
    }

    /// When it runs out.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }
}

/// `User.trustedDevices`, the newest first.
///
/// # Errors
/// FORBIDDEN.
pub(crate) async fn devices_of(ctx: &Context<'_>, user: UserId) -> Result<Vec<TrustedDevice>> {
    let (permit, factors) = (permit(ctx, Operation::ReadUser)?, services(ctx)?.factors.clone());
    let load = |users: Vec<UserId>| async move { factors.list_devices_of(&permit, &users).await };
    let devices = loaders(ctx)?.devices.load(user, load).await?.unwrap_or_default();
    Ok(devices.into_iter().map(TrustedDevice::from).collect())
}

/// For `node`.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_device(ctx: &Context<'_>, id: &str) -> Result<Option<TrustedDevice>> {
    let (Some(id), Ok(permit)) = (DeviceId::from_text(id), permit(ctx, Operation::ReadUser)) else { return Ok(None) };
    Ok(services(ctx)?.factors.lookup_device(&permit, id).await?.map(TrustedDevice::from))
}
