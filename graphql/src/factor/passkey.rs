//! Passkeys: the factor, and its enrollment. It is confirmed and proved as every other factor is.

use async_graphql::{Context, ID, InputObject, Object, Result};
use core_access::Operation;
use svc_factors::FactorView;

use crate::context::{permit, services};
use crate::directory::UserRef;
use crate::enums::FactorStatus;
use crate::errors::{answer, payload};
use crate::ids::id;
use crate::scalars::{DateTime, Json};

/// A passkey, WebAuthn. A user may have up to ten.
pub struct PasskeyFactor(FactorView);

impl From<FactorView> for PasskeyFactor {
    fn from(view: FactorView) -> Self {
        Self(view)
    }
}

#[Object]
impl PasskeyFactor {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.factor_id)
    }

    /// Where it stands.
    pub async fn status(&self) -> FactorStatus {
        self.0.status.into()
    }

    /// When it was enrolled.
    pub async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last proved, its confirmation included.
    pub async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }

    /// As its owner calls it.
    pub async fn name(&self) -> &str {
        self.0.passkey.as_ref().map_or("", |label| &label.name)
    }

    /// The domain that it is good for: the firm's own pages have one, the hosted prompt another.
    pub async fn rp_id(&self) -> &str {
        self.0.passkey.as_ref().map_or("", |label| &label.rp_id)
    }
}

/// Enroll a passkey on one of the firm's own pages; the hosted prompt enrolls its own.
#[derive(InputObject)]
pub struct EnrollPasskeyInput {
    /// Whose.
    pub user: UserRef,
    /// What its owner calls it, up to 100 characters.
    pub name: String,
    /// One of the tenant's registered origins.
    pub origin: String,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

impl From<EnrollPasskeyInput> for svc_factors::EnrollPasskey {
    fn from(input: EnrollPasskeyInput) -> Self {
        let login_id = input.login_id.map(|id| id.0);
        Self { user: input.user.into(), name: input.name, origin: Some(input.origin), login_id }
    }
}

payload! {
    /// A passkey that waits to be made.
    EnrollPasskeyPayload {
        /// PENDING until confirmFactor, for five minutes.
        factor: PasskeyFactor,
        /// PublicKeyCredentialCreationOptions for navigator.credentials.create(), in JSON: its answer (`toJSON()`) goes to confirmFactor.
        creation_options: Json,
    }
}

#[derive(Default)]
pub struct PasskeyMutation;

#[Object]
impl PasskeyMutation {
    /// Enroll a passkey: PENDING until what the browser made of `creationOptions` comes to confirmFactor.
    async fn enroll_passkey(&self, ctx: &Context<'_>, input: EnrollPasskeyInput) -> Result<EnrollPasskeyPayload> {
        let permit = permit(ctx, Operation::EnrollFactor)?;
        let result = Box::pin(services(ctx)?.factors.enroll_passkey(&permit, input.into())).await;
        Ok(answer(result, |enrolled| EnrollPasskeyPayload {
            factor: Some(enrolled.factor.into()),
            creation_options: Some(Json(enrolled.creation_options)),
            user_errors: Vec::new(),
        })?)
    }
}
