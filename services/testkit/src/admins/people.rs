//! People: invited, accepted, signed in.

use chrono::TimeDelta;
use core_access::{AdminRole, Caller, Operation};
use core_crypto::TotpSecret;
use core_kernel::{Redacted, Stop, TenantId};
use core_policy::MethodChannel;
use svc_admins::{
    AcceptInvitation, Accepted, AdminView, Client, InviteAdmin, SecondFactor, SecondFactorInput, SignInStep, SignedIn,
};
use svc_platform::place;
use uuid::Uuid;

use super::AdminsBed;

/// Everybody's.
pub const ADMIN_PASSWORD: &str = "three blue whales sing";
/// After so long an app shows another code.
const NEXT_CODE: TimeDelta = TimeDelta::seconds(30);

/// A person with everything to sign in with.
pub struct Person {
    /// The address that was invited.
    pub email: String,
    /// What the app on the phone makes codes of.
    pub totp: TotpSecret,
    /// As others see it.
    pub admin: AdminView,
}

impl AdminsBed {
    /// Invites somebody to the tenant.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn invite(&self, email: &str, role: AdminRole) -> Result<AdminView, Stop> {
        self.invite_to(self.tenant, email, role).await
    }

    /// Invites somebody to a tenant.
    ///
    /// # Errors
    /// When it is refused.
    ///
    /// # Panics
    /// When the system may not.
    pub async fn invite_to(&self, tenant: TenantId, email: &str, role: AdminRole) -> Result<AdminView, Stop> {
        let permit = Caller::system(tenant).permit(Operation::InviteAdmin).expect("the system may");
        self.admins.invite_admin(&permit, &InviteAdmin { email: email.to_owned(), role }).await
    }

    /// The token of the latest invitation that was mailed from a tenant; none where it is gone.
    ///
    /// # Panics
    /// When nobody was invited.
    pub async fn invitation(&self, tenant: TenantId) -> Option<Redacted<String>> {
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await.expect("the data key");
        let mut tx = self.tx(tenant).await;
        let (id, sealed): (Uuid, Option<Vec<u8>>) = sqlx::query_as(
            "select message_id, secret_sealed from message
              where tenant_id = $1 and purpose = 'ADMIN_INVITATION' order by message_id desc limit 1",
        )
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .expect("an invitation");
        let opened = key.open(&place(tenant, "message", id, "secret_sealed"), &sealed?).expect("its token");
        Some(String::from_utf8(opened.to_vec()).expect("a text").into())
    }

    /// Accepts an invitation with everybody's password.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn accept(&self, token: &Redacted<String>) -> Result<Accepted, Stop> {
        let input = AcceptInvitation {
            token: token.clone(),
            password: ADMIN_PASSWORD.to_owned().into(),
            display_name: Some("Ann Lee".to_owned()),
        };
        self.admins.accept_invitation(&input, &Client::default()).await
    }

    /// Somebody who was invited to the tenant, accepted, and has signed in for the first time.
    ///
    /// # Panics
    /// When any of it is refused.
    pub async fn person(&self, email: &str, role: AdminRole) -> Person {
        self.person_of(self.tenant, email, role).await
    }

    /// The same in another tenant.
    ///
    /// # Panics
    /// When any of it is refused.
    pub async fn person_of(&self, tenant: TenantId, email: &str, role: AdminRole) -> Person {
        let AdminView { admin_id, .. } = self.invite_to(tenant, email, role).await.expect("an invitation");
        let token = self.invitation(tenant).await.expect("its token");
        let accepted = self.accept(&token).await.expect("accepted");
        let totp = app_of(&accepted);
        self.prove_by_app(&accepted.method_id.into(), &totp).await;
        let permit = Caller::system(tenant).permit(Operation::ReadAdmins).expect("the system may");
        let admin = self.admins.lookup_admin(&permit, admin_id).await.expect("a look-up").expect("the person");
        Person { email: email.to_owned(), totp, admin }
    }

    /// What an app shows now.
    #[must_use]
    pub fn code(&self, totp: &TotpSecret) -> String {
        totp.code_at(self.platform.now()).to_string()
    }

    /// The first step of signing in.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn password(&self, email: &str, password: &str) -> Result<SignInStep, Stop> {
        self.admins.sign_in_by_password(email, &password.to_owned().into(), &Client::default()).await
    }

    /// The second step.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn prove(&self, method: &Redacted<String>, code: &str) -> Result<SecondFactor, Stop> {
        let input = SecondFactorInput {
            method_id: method.clone(),
            code: Some(code.to_owned().into()),
            credential: None,
            previous: None,
        };
        self.admins.second_factor(&input, &Client::default()).await
    }

    /// The second step by an app, whose next code is another one.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn prove_by_app(&self, method: &Redacted<String>, totp: &TotpSecret) -> SignedIn {
        let step = self.prove(method, &self.code(totp)).await.expect("a proof");
        self.advance(NEXT_CODE);
        match step {
            SecondFactor::SignedIn(signed_in) => signed_in,
            other => panic!("{other:?}"),
        }
    }

    /// The identifier of the app's method, after the right password.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn first_step(&self, person: &Person) -> Redacted<String> {
        let step = self.password(&person.email, ADMIN_PASSWORD).await.expect("the right password");
        app_among(step)
    }

    /// Both steps, with a code that was not given yet.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn sign_in(&self, person: &Person) -> SignedIn {
        self.advance(NEXT_CODE);
        let method = self.first_step(person).await;
        match self.prove(&method, &self.code(&person.totp)).await.expect("a proof") {
            SecondFactor::SignedIn(signed_in) => signed_in,
            other => panic!("{other:?}"),
        }
    }
}

/// What the app makes codes of, for whoever accepted an invitation.
///
/// # Panics
/// When it is no secret.
#[must_use]
pub fn app_of(accepted: &Accepted) -> TotpSecret {
    let bytes = data_encoding::BASE32_NOPAD.decode(accepted.secret.expose().as_bytes()).expect("base32");
    TotpSecret::from_bytes(&bytes).expect("a secret")
}

/// The app's method among those that may follow.
///
/// # Panics
/// When it is not among them.
#[must_use]
pub fn app_among(step: SignInStep) -> Redacted<String> {
    step.methods.into_iter().find(|method| method.channel == MethodChannel::Totp).expect("an app").id
}
