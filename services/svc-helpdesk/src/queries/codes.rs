//! Codes, without the code.

use std::collections::HashMap;

use core_access::Permit;
use core_kernel::{Fault, TemporaryAccessCodeId, UserId};
use io_postgres::TenantTx;

use crate::HelpDesk;
use crate::model::TemporaryAccessCode;
use crate::store;

impl HelpDesk {
    /// The codes of several users, the newest first, at most a hundred of each. Users whom the caller may not see,
    /// and those who were erased, have none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_codes_of(
        &self,
        permit: &Permit,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<TemporaryAccessCode>>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let mut of_users: HashMap<UserId, Vec<TemporaryAccessCode>> = HashMap::new();
        for code in store::codes::list_of_users(&mut tx, users, permit.caller().only_users_of()).await? {
            of_users.entry(code.user_id).or_default().push(code);
        }
        Ok(of_users)
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
