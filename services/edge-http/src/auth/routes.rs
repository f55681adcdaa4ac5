//! The routes, each one command of the service.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use core_kernel::{Fault, Redacted};
use svc_admins::{AcceptInvitation, Admins, SecondFactorInput};
use svc_directory::Directory;
use svc_sso::SingleSignOn;
use tracing::Instrument as _;

use super::account;
use super::answers::{self, Firm, Place};
use super::company;
use super::factors;
use super::passkeys;
use super::requests::{AcceptRequest, Asked, Looks, Nothing, PasswordRequest, SecondFactorRequest, secret};
use crate::credentials::session_cookie;
use crate::gateway::Gateway;
use crate::refusal::Refused;

#[derive(Clone)]
pub(super) struct Auth {
    pub(super) gateway: Gateway,
    pub(super) admins: Admins,
    pub(super) directory: Directory,
    pub(super) sso: SingleSignOn,
}

/// The routes of `/auth`, to be given to [`crate::router`].
pub fn auth_router(gateway: &Gateway, admins: Admins, directory: Directory, sso: SingleSignOn) -> Router {
    Router::new()
        .route("/auth/password", post(password))
        .route("/auth/second-factor", post(second_factor))
        .route("/auth/accept-invitation", post(accept_invitation))
        .route("/auth/sign-out", post(sign_out))
        .route("/auth/session", get(session))
        .route("/auth/account", get(account::show))
        .route("/auth/sessions/end", post(account::end_sessions))
        .route("/auth/change-password", post(account::change_password))
        .route("/auth/backup-codes", post(factors::backup_codes))
        .route("/auth/app", post(factors::begin_app))
        .route("/auth/app/confirm", post(factors::confirm_app))
        .route("/auth/forgotten", post(account::forgotten))
        .route("/auth/recover", post(account::recover))
        .route("/auth/passkeys", get(passkeys::list).post(passkeys::begin))
        .route("/auth/passkeys/confirm", post(passkeys::finish))
        .route("/auth/passkeys/remove", post(passkeys::remove))
        .route("/auth/company", post(company::begin))
        .route("/auth/company/finish", post(company::finish))
        .route("/auth/company/test", post(company::test))
        .route("/auth/company/accept", post(company::accept))
        .with_state(Auth { gateway: gateway.clone(), admins, directory, sso })
}

impl Auth {
    /// In a task of its own, which a client that disconnects cannot cancel: a try that was begun is
    /// counted, and a session that was made is on record.
    pub(super) async fn to_its_end<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, Refused>
    where
        T: Send + 'static,
        E: Into<Refused> + Send + 'static,
    {
        let place = self.gateway.begin()?;
        let task = tokio::spawn(
            async move {
                let done = work.await;
                drop(place);
                done
            }
            .in_current_span(),
        );
        match tokio::time::timeout(self.gateway.options().time_limit, task).await {
            Ok(Ok(done)) => done.map_err(Into::into),
            Ok(Err(panicked)) => Err(Fault::internal(panicked).into()),
            Err(_elapsed) => Err(Fault::Unavailable.into()),
        }
    }
}

async fn password(
    State(auth): State<Auth>,
    Asked { client, asked }: Asked<PasswordRequest>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    let work = async move { admins.sign_in_by_password(&asked.email, &secret(asked.password), &client).await };
    Ok(answers::first_step(&auth.to_its_end(work).await?))
}

async fn second_factor(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Asked { client, asked }: Asked<SecondFactorRequest>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    let input = SecondFactorInput {
        method_id: secret(asked.method_id),
        code: asked.code.map(Redacted::new),
        credential: asked.credential,
        previous: session_cookie(&headers),
    };
    let work = async move { admins.second_factor(&input, &client).await };
    answers::second_step(&auth.to_its_end(work).await?)
}

async fn accept_invitation(
    State(auth): State<Auth>,
    Asked { client, asked }: Asked<AcceptRequest>,
) -> Result<Response, Refused> {
    let admins = auth.admins.clone();
    let (token, password) = (secret(asked.token), secret(asked.password));
    let input = AcceptInvitation { token, password, display_name: asked.display_name };
    let work = async move { admins.accept_invitation(&input, &client).await };
    Ok(answers::accepted(&auth.to_its_end(work).await?))
}

async fn sign_out(
    State(auth): State<Auth>,
    headers: HeaderMap,
    Asked { client, asked: Nothing {} }: Asked<Nothing>,
) -> Result<Response, Refused> {
    if let Some(token) = session_cookie(&headers) {
        let admins = auth.admins.clone();
        auth.to_its_end(async move { admins.sign_out(&token, &client).await }).await?;
    }
    answers::signed_out()
}

/// Who is signed in, from where, and where and for whom they have which role.
async fn session(State(auth): State<Auth>, Looks { token, client }: Looks) -> Result<Response, Refused> {
    let work = async move {
        let session = auth.admins.session(&token).await?;
        let mut tenants = Vec::with_capacity(session.roles.len());
        for role in &session.roles {
            tenants.push(Place::new(*role, &*auth.directory.settings(role.tenant).await?));
        }
        let mut partners = Vec::with_capacity(session.partners.len());
        for role in &session.partners {
            let found = auth.directory.find_partner(role.partner).await?;
            partners.extend(found.map(|partner| Firm::new(*role, &partner)));
        }
        Ok::<_, Fault>(answers::who(&session, tenants, partners, client.ip))
    };
    Ok(work.await?)
}
