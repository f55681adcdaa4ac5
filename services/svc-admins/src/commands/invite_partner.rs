//! Inviting somebody who answers for a partner: named with it, an account where there is none, and a mail.
//!
//! A partner has no messages and no log of its own: the mail is the platform tenant's, and so is the entry.

use core_access::AdminRole;
use core_contact::EmailAddress;
use core_crypto::DataKey;
use core_kernel::{PLATFORM_TENANT, PartnerId, Stop, TypedId};
use serde_json::json;
use svc_directory::{NewPartnerAdmin, PartnerAdmin};

use super::invite::Invitee;
use crate::Admins;

/// In whose name it is done: a partner's people are named at the command line alone.
const OPERATOR: &str = "operator";

impl Admins {
    /// Invites a person to answer for the partner; by the command line, never by a request. Whoever did not
    /// come is taken off the list and invited again.
    ///
    /// # Errors
    /// INVALID or ALREADY_EXISTS at `email`; NOT_FOUND where there is no such partner; faults.
    pub async fn invite_partner_admin(
        &self,
        partner: PartnerId,
        email: &str,
        role: AdminRole,
    ) -> Result<PartnerAdmin, Stop> {
        let email = EmailAddress::parse(email).map_err(|error| error.refusal("email"))?;
        // Before the transaction: it may need a connection of its own.
        let key = self.platform.keys.data_key(&self.platform.database, PLATFORM_TENANT).await?;
        let invitee = self.prepare(email, partner.0).await?;
        let named = match self.name_partner_admin(partner, &invitee, role).await {
            Ok(named) => named,
            Err(stop) => {
                self.forget(&invitee).await?;
                return Err(stop);
            }
        };
        self.tell(&key, partner, &invitee, &named).await?;
        Ok(named)
    }

    /// Names the person with the partner.
    pub(super) async fn name_partner_admin(
        &self,
        partner: PartnerId,
        invitee: &Invitee,
        role: AdminRole,
    ) -> Result<PartnerAdmin, Stop> {
        let new = NewPartnerAdmin { email: invitee.email.clone(), role, account: invitee.account };
        self.directory.add_partner_admin(partner, &new).await
    }

    async fn tell(
        &self,
        key: &DataKey,
        partner: PartnerId,
        invitee: &Invitee,
        named: &PartnerAdmin,
    ) -> Result<(), Stop> {
        let detail = json!({ "partner": partner.to_text(), "email": named.email, "role": named.role.as_str() });
        let target = named.admin_id.to_text();
        let mut tx = self.platform_tx().await?;
        self.enqueue(&mut tx, key, invitee).await?;
        svc_audit::record_as(&mut tx, OPERATOR, "partner_admin.invited", Some(&target), detail, None).await?;
        tx.commit().await?;
        self.platform.messages_queued.notify_one();
        Ok(())
    }
}
