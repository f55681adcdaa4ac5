//! The user's side: asking the advisor to let one login through.

use chrono::Duration;
use core_access::Permit;
use core_contact::EmailAddress;
use core_kernel::{Fault, LoginId, Stop, TemporaryAccessRequestId, Timestamp, TypedId};
use io_postgres::TenantTx;
use serde_json::json;
use svc_audit::EventKind;
use svc_delivery::{Content, NewMessage, TemporaryAccessFacts, enqueue};
use svc_directory::users::lock_user;
use svc_directory::{UserRecord, UserRef};

use crate::model::{RequestStatus, TemporaryAccessRequest};
use crate::store::logins::LoginRow;
use crate::{HelpDesk, refusal, rules, store};

/// `RequestTemporaryAccessInput`.
#[derive(Debug, Clone)]
pub struct RequestAccessInput {
    /// `loginId`, as text.
    pub login_id: String,
    /// `note`, at most 500 characters.
    pub note: Option<String>,
}

impl HelpDesk {
    /// Asks for help with one login, which can then be completed for an hour from its beginning. Asking
    /// again gives the same request.
    ///
    /// # Errors
    /// NOT_FOUND at `loginId`; INVALID at `note`; ALREADY_COMPLETED, EXPIRED, TOO_MANY_ATTEMPTS or
    /// NOT_ALLOWED_BY_POLICY by the login's state; USER_LOCKED; TOO_SOON for the fourth in an hour.
    pub async fn request_temporary_access(
        &self,
        permit: &Permit,
        input: RequestAccessInput,
    ) -> Result<TemporaryAccessRequest, Stop> {
        let Some(id) = LoginId::from_text(&input.login_id) else { return Err(refusal::no_such_login().into()) };
        // Into memory before the transaction: sealing needs it, and must not wait for a second connection.
        self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let login = store::logins::lock(&mut tx, id).await?.ok_or_else(refusal::no_such_login)?;
        let user = user_of(&mut tx, permit, &login).await?;
        let now = tx.tenant_now().await?;
        let mut refusals = Vec::new();
        let note = rules::note(input.note.as_deref(), &mut refusals);
        if !refusals.is_empty() {
            return Err(refusals.into());
        }
        refuse_closed(&login, now)?;
        if rules::is_shut_out(&user, now) {
            return Err(refusal::user_locked().at("loginId").into());
        }
        if let Some(open) = store::requests::find_open(&mut tx, id, now).await? {
            return Ok(open);
        }
        if store::requests::count_since(&mut tx, user.user_id, now - Duration::hours(1)).await?
            >= rules::REQUESTS_AN_HOUR
        {
            return Err(refusal::too_many_requests().at("loginId").into());
        }
        let request = self.new_request(id, &login, note, now);
        store::requests::insert(&mut tx, &request).await?;
        store::logins::extend(&mut tx, id, request.expires_at).await?;
        self.tell(&mut tx, permit, &user, &login, &request).await?;
        tx.commit().await?;
        self.messages_were_queued();
        self.touch(permit.tenant(), &request);
        Ok(request)
    }

    fn new_request(
        &self,
        login_id: LoginId,
        login: &LoginRow,
        note: Option<String>,
        now: Timestamp,
    ) -> TemporaryAccessRequest {
        TemporaryAccessRequest {
            request_id: TemporaryAccessRequestId::new(&*self.platform.entropy, self.platform.now()),
            login_id,
            user_id: login.user(),
            note,
            status: RequestStatus::Open,
            created_at: now,
            expires_at: login.expires_at.max(login.created_at + Duration::minutes(rules::REQUEST_LOGIN_MINUTES)),
            answered_at: None,
            answered_by: None,
            reason: None,
        }
    }

    async fn tell(
        &self,
        tx: &mut TenantTx,
        permit: &Permit,
        user: &UserRecord,
        login: &LoginRow,
        request: &TemporaryAccessRequest,
    ) -> Result<(), Stop> {
        let facts = TemporaryAccessFacts {
            user_name: user.display_name.clone().unwrap_or_else(|| user.external_id.clone()),
            ip: login.ip_address.parse().map_err(Fault::internal)?,
            at: request.created_at,
            note: request.note.clone(),
        };
        for address in store::admins::list_answering(tx, user.advisor_id).await? {
            // An address that mail cannot be written to must not keep the others from being told.
            let Ok(to) = EmailAddress::parse(&address) else { continue };
            let message = NewMessage {
                user: Some(user.user_id),
                content: Content::TemporaryAccessRequest { to, facts: facts.clone() },
                language: None,
                expires_at: Some(request.expires_at),
            };
            enqueue(tx, &self.platform, message).await?;
        }
        let ids = json!({
            "temporary_access_request_id": request.request_id.to_text(), "user_id": user.user_id.to_text(),
            "login_id": request.login_id.to_text(),
        });
        let target = user.user_id.to_text();
        svc_audit::record(tx, permit.caller(), "temporary_access.requested", &target, ids.clone()).await?;
        Ok(svc_audit::emit(tx, EventKind::TemporaryAccessRequested, &ids).await?)
    }
}

/// The login's user, locked; whoever may not see the user does not see the login either.
pub(crate) async fn user_of(tx: &mut TenantTx, permit: &Permit, login: &LoginRow) -> Result<UserRecord, Stop> {
    let reference = UserRef::Id(login.user().to_text());
    match lock_user(tx, &reference, permit.caller().only_users_of()).await {
        Err(Stop::Refused(_)) => Err(refusal::no_such_login().into()),
        found => found,
    }
}

/// Refuses what no code completes any more.
pub(crate) fn refuse_closed(login: &LoginRow, now: Timestamp) -> Result<(), Stop> {
    let refusal = if login.completed_at.is_some() {
        refusal::login_complete()
    } else if !matches!(login.outcome.as_str(), "CHALLENGE" | "ENROLL") {
        refusal::login_denied()
    } else if login.expires_at <= now {
        refusal::login_over()
    } else if login.attempts >= login.max_attempts {
        refusal::login_out_of_tries()
    } else {
        return Ok(());
    };
    Err(refusal.at("loginId").into())
}
