//! What every command holds while it decides.

use std::sync::Arc;

use chrono::TimeDelta;
use core_access::Permit;
use core_crypto::DataKey;
use core_kernel::{ChallengeId, Fault, LoginId, Refusal, RefusalCode, Stop, Timestamp};
use core_policy::{Channel, FactorKind, Policy, enrollment_channels};
use io_postgres::{DbError, TenantTx, Thing, Touch};
use serde_json::Value;
use svc_directory::users::UserRef;
use svc_policy::PolicySnapshot;
use tokio::sync::MutexGuard;

use crate::contacts::Contact;
use crate::rules::destination;
use crate::rules::step_up::{Change, Ground, Powers, authorize};
use crate::store::factors::FactorRecord;
use crate::store::subject::Subject;
use crate::{Factors, refusal};

/// How long an enrollment may be confirmed.
pub(super) const PENDING_FOR: TimeDelta = TimeDelta::hours(1);

/// A transaction with everything that a change is decided by.
pub(super) struct Work<'a> {
    pub(super) factors: &'a Factors,
    pub(super) permit: &'a Permit,
    pub(super) tx: TenantTx,
    pub(super) subject: Subject,
    pub(super) policy: Policy,
    pub(super) key: Arc<DataKey>,
    _lane: MutexGuard<'a, ()>,
}

impl Factors {
    /// Opens a user by reference.
    pub(super) async fn open<'a>(
        &'a self,
        permit: &'a Permit,
        user: &UserRef,
        login_id: Option<&str>,
    ) -> Result<Work<'a>, Stop> {
        let lane = self.lanes.enter(permit.tenant(), name_of(user)).await;
        let (snapshot, key, mut tx) = self.prepare(permit).await?;
        let subject = Subject::open(&mut tx, permit, user, login_id).await?;
        let policy = snapshot.require(subject.now)?.policy.clone();
        Ok(Work { factors: self, permit, tx, subject, policy, key, _lane: lane })
    }

    /// Opens a user by one of the factors.
    pub(super) async fn open_by_factor<'a>(
        &'a self,
        permit: &'a Permit,
        factor_id: &str,
        login_id: Option<&str>,
    ) -> Result<(Work<'a>, FactorRecord), Stop> {
        let lane = self.lanes.enter(permit.tenant(), factor_id).await;
        let (snapshot, key, mut tx) = self.prepare(permit).await?;
        let (subject, factor) = Subject::open_by_factor(&mut tx, permit, factor_id, login_id).await?;
        let policy = snapshot.require(subject.now)?.policy.clone();
        Ok((Work { factors: self, permit, tx, subject, policy, key, _lane: lane }, factor))
    }

    /// What takes a connection of its own comes before the transaction: a command must never wait
    /// for a second connection while it holds one.
    async fn prepare(&self, permit: &Permit) -> Result<(Arc<PolicySnapshot>, Arc<DataKey>, TenantTx), Fault> {
        let tenant = permit.tenant();
        let snapshot = self.policies.snapshot(tenant).await?;
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        Ok((snapshot, key, TenantTx::begin(&self.platform.database, tenant).await?))
    }
}

fn name_of(user: &UserRef) -> &str {
    match user {
        UserRef::Id(text) | UserRef::ExternalId(text) => text,
    }
}

impl Work<'_> {
    /// The step-up rule for enrolling a factor of this kind; of passkeys there may be several.
    pub(super) fn authorize_kind(&self, kind: FactorKind) -> Result<Ground, Stop> {
        let replaces = kind != FactorKind::Passkey && self.subject.standing_factor(kind).is_some();
        self.authorize(if replaces { Change::Replace } else { Change::Add })
    }

    /// The step-up rule.
    pub(super) fn authorize(&self, change: Change) -> Result<Ground, Stop> {
        let login = self.subject.login.as_ref().map(|login| &login.state);
        authorize(Powers::of(self.permit.caller()), login, &self.subject.standing(), change)
    }

    /// The channels on which this user may enroll now.
    pub(super) fn allowed(&self) -> Vec<Channel> {
        enrollment_channels(self.policy.audience(self.subject.user.kind), self.subject.first_factor())
    }

    /// Whether codes may go there: a number of a supported country, and one that is this user's as
    /// far as the tenant knows.
    pub(super) fn check_contact(&self, ground: Ground, kind: FactorKind, contact: &Contact) -> Result<(), Refusal> {
        if let Contact::Phone(number) = contact {
            number.check_country(&self.policy.phone_countries).map_err(|error| error.refusal("number"))?;
        }
        let ring = self.factors.platform.keys.ring();
        let candidates = contact.indexes(&ring, self.permit.tenant());
        destination::check(ground, kind, &candidates, &self.subject.on_record())
    }

    /// Tries that are left: of the login, else of the pending factor.
    pub(super) fn attempts_remaining(&self, used_by_factor: i32) -> i32 {
        let of_factor = i32::try_from(self.policy.codes.max_attempts).unwrap_or(i32::MAX) - used_by_factor;
        let left = self.subject.login.as_ref().map_or(of_factor, |login| login.max_attempts - login.attempts);
        left.max(0)
    }

    /// No code is sent that could not be used.
    pub(super) fn check_budget(&self, used_by_factor: i32) -> Result<(), Refusal> {
        if self.attempts_remaining(used_by_factor) == 0 { Err(refusal::too_many_attempts()) } else { Ok(()) }
    }

    /// The login that was named.
    pub(super) fn login_id(&self) -> Option<LoginId> {
        self.subject.login.as_ref().map(|login| login.id)
    }

    /// What an app or authenticator shows beside the tenant's name: what the user would recognise.
    pub(super) fn account_name(&self) -> Result<String, Fault> {
        let email = self.subject.user.email(&self.key)?;
        Ok(email.map_or_else(|| self.subject.user.external_id.clone(), |email| email.address().to_owned()))
    }

    pub(super) fn pending_until(&self) -> Timestamp {
        self.subject.now + PENDING_FOR
    }

    /// What the help desk does is on record; what a user does under a login is the login's.
    pub(super) async fn audit(
        &mut self,
        ground: Ground,
        action: &'static str,
        target: &str,
        detail: Value,
    ) -> Result<(), DbError> {
        if ground != Ground::Support {
            return Ok(());
        }
        svc_audit::record(&mut self.tx, self.permit.caller(), action, target, detail).await
    }

    /// Makes it durable and wakes who sends.
    pub(super) async fn commit(self) -> Result<(), DbError> {
        self.tx.commit().await?;
        self.factors.platform.messages_queued.notify_one();
        Ok(())
    }

    /// The same, and wakes whoever watches this challenge.
    pub(super) async fn commit_touching(self, challenge: Option<ChallengeId>) -> Result<(), DbError> {
        let (watch, tenant) = (self.factors.platform.watch.clone(), self.permit.tenant());
        self.commit().await?;
        if let Some(challenge) = challenge {
            watch.touch(Touch::new(Thing::Challenge, tenant, challenge));
        }
        Ok(())
    }
}

/// The same refusal, pointing at the factor that was named instead of a field that was not given.
pub(super) fn at_factor(refusal: Refusal) -> Refusal {
    if refusal.code == RefusalCode::Invalid { refusal.at("factorId") } else { Refusal { field: Vec::new(), ..refusal } }
}
