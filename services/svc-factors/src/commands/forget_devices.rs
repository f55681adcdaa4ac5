//! Forgetting trusted devices: nothing to prove, since it only protects.

use core_access::Permit;
use core_kernel::{DeviceId, Refusal, Stop, TypedId, UserId};
use serde_json::json;
use svc_directory::users::UserRef;
use uuid::Uuid;

use crate::Factors;
use crate::store::devices;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ForgetDevices {
    /// Whose.
    pub user: UserRef,
    /// Which; none: all.
    pub device_ids: Option<Vec<String>>,
}

impl Factors {
    /// Forgets devices; the user whose they were. None of them is forgotten where one is not there.
    ///
    /// # Errors
    /// NOT_FOUND at `user` or `deviceIds`.
    pub async fn forget_devices(&self, permit: &Permit, input: ForgetDevices) -> Result<UserId, Stop> {
        let mut work = self.open(permit, &input.user, None).await?;
        let user = work.subject.user.user_id;
        match &input.device_ids {
            None => devices::end_all(&mut work.tx, user).await?,
            Some(texts) => {
                let ids = read_ids(texts)?;
                if devices::delete(&mut work.tx, user, &ids).await? < ids.len() as u64 {
                    return Err(no_such_device());
                }
            }
        }
        if permit.caller().acts_as_support() {
            let forgotten = input.device_ids.as_ref().map_or(json!("all"), |ids| json!(ids.len()));
            let detail = json!({ "devices": forgotten });
            svc_audit::record(&mut work.tx, permit.caller(), "devices.forgotten", &user.to_string(), detail).await?;
        }
        work.commit().await?;
        Ok(user)
    }
}

fn read_ids(texts: &[String]) -> Result<Vec<Uuid>, Stop> {
    let read = |text: &String| DeviceId::from_text(text).map(|id| id.0).ok_or_else(no_such_device);
    let mut ids = texts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn no_such_device() -> Stop {
    Refusal::not_found("device").at("deviceIds").into()
}
