//! Turning it on again: nothing to prove, since it only protects.

use core_access::Permit;
use core_kernel::{Stop, UserId};
use svc_directory::users::UserRef;

use crate::Factors;
use crate::store::users;

impl Factors {
    /// Ends a user's opt-out; the user. Repeating it changes nothing.
    ///
    /// # Errors
    /// NOT_FOUND.
    pub async fn opt_in(&self, permit: &Permit, user: &UserRef) -> Result<UserId, Stop> {
        let mut work = self.open(permit, user, None).await?;
        let user = work.subject.user.user_id;
        users::set_opted_out(&mut work.tx, user, None).await?;
        work.commit().await?;
        Ok(user)
    }
}
