//! Codes, without the code.

use core_access::Permit;
use core_kernel::{Fault, Stop, TemporaryAccessCodeId, TypedId, UserId};
use io_postgres::TenantTx;
use svc_directory::UserRef;
use svc_directory::users::resolve_user;

use crate::HelpDesk;
use crate::model::TemporaryAccessCode;
use crate::store;

impl HelpDesk {
    /// A user's codes, the newest first, at most a hundred.
    ///
    /// # Errors
    /// NOT_FOUND at `user`, also for an ADVISOR who does not look after the user.
    pub async fn temporary_access_codes(
        &self,
        permit: &Permit,
        user: UserId,
    ) -> Result<Vec<TemporaryAccessCode>, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let user = resolve_user(&mut tx, &UserRef::Id(user.to_text()), permit.caller().only_users_of()).await?;
        Ok(store::codes::list_of_user(&mut tx, user.user_id).await?)
    }

    /// One code; none where it is absent, foreign, or of a user whom the caller may not see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_code(
        &self,
        permit: &Permit,
        id: TemporaryAccessCodeId,
    ) -> Result<Option<TemporaryAccessCode>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::codes::find(&mut tx, id, permit.caller().only_users_of()).await?)
    }
}
