//! Making an administrator who can sign in at once, without a mail: for the demo, and for the first
//! administrator of an installation. It takes the steps that an invited person would.

use core_access::{AdminRole, Caller};
use core_contact::EmailAddress;
use core_crypto::{TOTP_STEP_SECONDS, TotpSecret};
use core_kernel::{AdminId, Fault, PartnerId, Redacted, Stop, TenantId};
use data_encoding::BASE32_NOPAD;

use super::accept::AcceptInvitation;
use super::invite::Invitee;
use super::second_factor::{SecondFactor, SecondFactorInput};
use crate::model::Client;
use crate::store::admins;
use crate::{Accepted, Admins, refusals};

/// How often a code is made anew that the turn of a time step made old.
const TRIES: usize = 2;

/// Who.
#[derive(Debug, Clone)]
pub struct AddAdmin {
    /// Where mail reaches the person, and the name to sign in with.
    pub email: String,
    /// What the person may do.
    pub role: AdminRole,
    /// What others shall call the person.
    pub display_name: String,
    /// The password.
    pub password: Redacted<String>,
}

impl Admins {
    /// Gives a person a role, and an account with password and app where there is none. The app's
    /// seed in base32; none where the person has one already.
    ///
    /// # Errors
    /// INVALID at `email` or `password`; ALREADY_EXISTS at `email`; faults.
    pub async fn add_admin(&self, tenant: TenantId, input: &AddAdmin) -> Result<Option<Redacted<String>>, Stop> {
        let email = EmailAddress::parse(&input.email).map_err(|error| error.refusal("email"))?;
        let invitee = self.prepare(email, tenant.0).await?;
        let now = self.platform.now();
        let id = AdminId::new(&*self.platform.entropy, now);
        let mut tx = self.tx(tenant).await?;
        if !admins::insert(&mut tx, id, invitee.account, &invitee.email, input.role, now).await? {
            return Err(refusals::already_admin().into());
        }
        let detail = serde_json::json!({ "email": input.email, "role": input.role.as_str() });
        svc_audit::record(&mut tx, &Caller::system(tenant), "admin.added", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.set_up_where_new(&invitee, input).await
    }

    /// The same for a person who answers for a partner.
    ///
    /// # Errors
    /// As [`Self::add_admin`]; NOT_FOUND where there is no such partner.
    pub async fn add_partner_admin(
        &self,
        partner: PartnerId,
        input: &AddAdmin,
    ) -> Result<Option<Redacted<String>>, Stop> {
        let email = EmailAddress::parse(&input.email).map_err(|error| error.refusal("email"))?;
        let invitee = self.prepare(email, partner.0).await?;
        self.name_partner_admin(partner, &invitee, input.role).await?;
        self.set_up_where_new(&invitee, input).await
    }

    async fn set_up_where_new(&self, invitee: &Invitee, input: &AddAdmin) -> Result<Option<Redacted<String>>, Stop> {
        match &invitee.token {
            None => Ok(None),
            Some(token) => self.set_up_for(Redacted::new(token.expose().to_owned()), input).await.map(Some),
        }
    }

    async fn set_up_for(&self, token: Redacted<String>, input: &AddAdmin) -> Result<Redacted<String>, Stop> {
        let client = Client { ip: None, user_agent: None };
        let password = input.password.clone();
        let accept = AcceptInvitation { token, password, display_name: Some(input.display_name.clone()) };
        let accepted = self.accept_invitation(&accept, &client).await?;
        for _ in 0..TRIES {
            let code = self.earlier_code(&accepted)?;
            let method_id = Redacted::new(accepted.method_id.clone());
            let proof = SecondFactorInput { method_id, code: Some(code), credential: None, previous: None };
            if let SecondFactor::SignedIn(signed_in) = self.second_factor(&proof, &client).await? {
                self.sign_out(&signed_in.token, &client).await?;
                return Ok(accepted.secret);
            }
        }
        Err(Fault::internal("the app that was just set up gave no right code").into())
    }

    /// The code of the step before this one: the person's own first code must not be used up.
    fn earlier_code(&self, accepted: &Accepted) -> Result<Redacted<String>, Fault> {
        let seed = BASE32_NOPAD.decode(accepted.secret.expose().as_bytes()).map_err(Fault::internal)?;
        let secret = TotpSecret::from_bytes(&seed).ok_or_else(|| Fault::internal("a seed of another length"))?;
        let earlier = self.platform.now() - chrono::TimeDelta::seconds(TOTP_STEP_SECONDS);
        Ok(Redacted::new(secret.code_at(earlier).to_string()))
    }
}
