//! Everything a change of factors is decided by, read under the locks of login and user.

use core_access::Permit;
use core_kernel::{FactorId, LoginId, Refusal, RefusalCode, Stop, Timestamp, TypedId, UserId};
use core_policy::{
    Completion, FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginOutcome, MethodChannel, UserFacts,
};
use io_postgres::{DbError, TenantTx};
use sqlx::types::Json;
use svc_directory::WebauthnSettings;
use svc_directory::users::{UserRecord, UserRef, lock_user};
use uuid::Uuid;

use crate::refusal;
use crate::rules::destination::OnRecord;
use crate::rules::step_up::{LoginState, Standing};
use crate::store::factors::{FactorRecord, list_of_user};
use crate::store::word;

/// A login as far as factors are concerned.
#[derive(Debug, Clone)]
pub(crate) struct LoginRecord {
    pub(crate) id: LoginId,
    pub(crate) first_factor: FirstFactor,
    pub(crate) state: LoginState,
    pub(crate) attempts: i32,
    pub(crate) max_attempts: i32,
}

/// A user with everything that a change is decided by.
#[derive(Debug)]
pub(crate) struct Subject {
    /// By the tenant's clock, read after the locks were had.
    pub(crate) now: Timestamp,
    pub(crate) tenant_name: String,
    /// The relying party that the firm has registered.
    pub(crate) webauthn: WebauthnSettings,
    pub(crate) user: UserRecord,
    pub(crate) login: Option<LoginRecord>,
    /// PENDING, ACTIVE and DISABLED, the oldest first.
    pub(crate) factors: Vec<FactorRecord>,
    proofs_void_before: Option<Timestamp>,
    email_index: Option<Vec<u8>>,
}

impl Subject {
    /// Locks and reads a user, and the login where one is named.
    ///
    /// # Errors
    /// NOT_FOUND at `user` or `loginId`; NOT_ALLOWED_BY_POLICY when the tenant is suspended.
    pub(crate) async fn open(
        tx: &mut TenantTx,
        permit: &Permit,
        user: &UserRef,
        login_id: Option<&str>,
    ) -> Result<Self, Stop> {
        let login_id = login_id.map(LoginId::from_text);
        let locked = match login_id.flatten() {
            Some(id) => lock_login(tx, id).await?,
            None => None,
        };
        let user = lock_user(tx, user, permit.caller().only_users_of()).await?;
        let login = match (login_id, locked) {
            (None, _) => None,
            (Some(Some(id)), Some(row)) if row.user_id == user.user_id.0 => Some(row.into_record(id)?),
            _ => return Err(Refusal::not_found("login").at("loginId").into()),
        };
        // Whatever is read from here on is read after the locks were had, the clock included.
        let ground = read_ground(tx, user.user_id).await?;
        if ground.tenant_status != "ACTIVE" {
            return Err(refusal::tenant_suspended().into());
        }
        let factors = list_of_user(tx, user.user_id).await?;
        Ok(Self {
            now: ground.now,
            tenant_name: ground.tenant_name,
            webauthn: ground.webauthn.0,
            user,
            login,
            factors,
            proofs_void_before: ground.proofs_void_before,
            email_index: ground.email_index,
        })
    }

    /// The same by one of the user's factors, REMOVED ones left out.
    ///
    /// # Errors
    /// NOT_FOUND at `factorId` or `loginId`.
    pub(crate) async fn open_by_factor(
        tx: &mut TenantTx,
        permit: &Permit,
        factor_id: &str,
        login_id: Option<&str>,
    ) -> Result<(Self, FactorRecord), Stop> {
        let no_such_factor = || Stop::from(Refusal::not_found("factor").at("factorId"));
        let id = FactorId::from_text(factor_id).ok_or_else(no_such_factor)?;
        let owner = find_owner(tx, id).await?.ok_or_else(no_such_factor)?;
        let user = UserRef::Id(UserId(owner).to_text());
        let subject = Self::open(tx, permit, &user, login_id).await.map_err(|stop| match stop {
            Stop::Refused(refusals) if is_missing_user(&refusals) => no_such_factor(),
            other => other,
        })?;
        let factor = subject.factors.iter().find(|factor| factor.id == id).cloned().ok_or_else(no_such_factor)?;
        Ok((subject, factor))
    }

    /// What the step-up rule is asked with.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            now: self.now,
            has_factor: self.has_factor(),
            disabled: self.user.disabled,
            locked: self.user.lock.is_some_and(|lock| lock.holds(self.now)),
            reset_pending: self.user.reset_pending,
            frozen_until: self.user.factors_frozen_until,
            proofs_void_before: self.proofs_void_before,
        }
    }

    /// What the policy is asked with.
    pub(crate) fn facts(&self) -> UserFacts {
        let facts = |factor: &FactorRecord| FactorFacts { kind: factor.kind, status: factor.status, line: factor.line };
        UserFacts {
            disabled: self.user.disabled,
            lock: self.user.lock,
            factors: self.factors.iter().map(facts).collect(),
            opted_out: self.user.opted_out_at.is_some(),
            first_login_at: self.user.first_login_at,
            skips_used: self.user.skips_used,
            chosen_level: self.user.chosen_level,
            advisor_level: self.user.advisor_level,
            ..UserFacts::new(self.user.kind)
        }
    }

    /// A phone, mailbox, app or passkey that is ACTIVE or DISABLED.
    pub(crate) fn has_factor(&self) -> bool {
        self.factors.iter().any(|factor| factor.kind.counts_as_enrolled() && factor.status != FactorStatus::Pending)
    }

    /// The one that enrolling this kind would replace.
    pub(crate) fn standing_factor(&self, kind: FactorKind) -> Option<&FactorRecord> {
        self.factors.iter().find(|factor| factor.kind == kind && factor.status != FactorStatus::Pending)
    }

    /// What was accepted before the login; without one, as good as a password.
    pub(crate) fn first_factor(&self) -> FirstFactor {
        self.login.as_ref().map_or(FirstFactor::Password, |login| login.first_factor)
    }

    /// The contacts that the tenant supplied and the user has not confirmed.
    pub(crate) fn on_record(&self) -> OnRecord {
        let suggested = |phone: bool| {
            self.factors
                .iter()
                .filter(move |factor| factor.suggested && factor.kind.phone_role().is_some() == phone)
                .filter_map(|factor| factor.blind_index.clone())
        };
        OnRecord {
            phones: suggested(true).collect(),
            addresses: suggested(false).chain(self.email_index.clone()).collect(),
        }
    }
}

fn is_missing_user(refusals: &[Refusal]) -> bool {
    refusals.iter().any(|refusal| refusal.code == RefusalCode::NotFound && refusal.field == ["user"])
}

#[derive(sqlx::FromRow)]
struct LoginRow {
    user_id: Uuid,
    outcome: String,
    first_factor: String,
    expires_at: Timestamp,
    completed_at: Option<Timestamp>,
    completed_with: Option<String>,
    completed_proof: Option<String>,
    may_change_factors: bool,
    attempts: i16,
    max_attempts: i16,
}

impl LoginRow {
    fn into_record(self, id: LoginId) -> Result<LoginRecord, Stop> {
        let state = LoginState {
            outcome: word(LoginOutcome::parse(&self.outcome), "outcome")?,
            expires_at: self.expires_at,
            completed_at: self.completed_at,
            completed_with: self.completed_with.map(|with| word(Completion::parse(&with), "completion")).transpose()?,
            proof: self.completed_proof.map(|proof| word(MethodChannel::parse(&proof), "proof")).transpose()?,
            may_change_factors: self.may_change_factors,
        };
        let first_factor = word(FirstFactor::parse(&self.first_factor), "first factor")?;
        let (attempts, max_attempts) = (self.attempts.into(), self.max_attempts.into());
        Ok(LoginRecord { id, first_factor, state, attempts, max_attempts })
    }
}

async fn lock_login(tx: &mut TenantTx, id: LoginId) -> Result<Option<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select user_id, outcome, first_factor, expires_at, completed_at, completed_with, completed_proof,
                may_change_factors, attempts, max_attempts
           from login where tenant_id = $1 and month = $2 and login_id = $3 for no key update",
    )
    .bind(tenant)
    .bind(id.month())
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?)
}

#[derive(sqlx::FromRow)]
struct GroundRow {
    now: Timestamp,
    tenant_name: String,
    webauthn: Json<WebauthnSettings>,
    tenant_status: String,
    proofs_void_before: Option<Timestamp>,
    email_index: Option<Vec<u8>>,
}

async fn read_ground(tx: &mut TenantTx, user: UserId) -> Result<GroundRow, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select tenant_now($1) as now, t.name as tenant_name, t.webauthn, t.status as tenant_status, u.proofs_void_before,
                u.email_index
           from tenant t join tenant_user u on u.tenant_id = t.tenant_id
          where t.tenant_id = $1 and u.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .fetch_one(tx.connection())
    .await?)
}

async fn find_owner(tx: &mut TenantTx, id: FactorId) -> Result<Option<Uuid>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select user_id from factor where tenant_id = $1 and factor_id = $2 and status <> 'REMOVED'")
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?)
}
