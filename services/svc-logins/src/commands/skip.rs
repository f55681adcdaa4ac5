//! `skipEnrollment`: not now; decided by the clock at the skip.

use core_access::Permit;
use core_kernel::{LoginId, Refusal, RefusalCode, Stop, TypedId, UserId};
use core_policy::{FirstFactor, LoginOutcome, may_skip};
use io_postgres::TenantTx;

use crate::Logins;
use crate::methods::UserSnapshot;
use crate::model::{LoginView, word};
use crate::refusals::no_such_login;
use crate::store::logins as store;

impl Logins {
    /// Completes an ENROLL login without enrolling, where that is still optional for this user.
    ///
    /// # Errors
    /// NOT_FOUND, ALREADY_COMPLETED, EXPIRED, USER_LOCKED, NOT_ALLOWED_BY_POLICY; faults.
    pub async fn skip_enrollment(&self, permit: &Permit, login: &str) -> Result<LoginView, Stop> {
        let login = LoginId::from_text(login).ok_or_else(no_such_login)?;
        self.platform.database.in_time(self.skip(permit, login)).await
    }

    async fn skip(&self, permit: &Permit, login: LoginId) -> Result<LoginView, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let open = store::lock_login(&mut tx, login).await?.ok_or_else(no_such_login)?;
        if open.completed {
            return Err(refuse(RefusalCode::AlreadyCompleted, "This login is already complete."));
        }
        if open.expired {
            return Err(refuse(RefusalCode::Expired, "This login has expired; start again."));
        }
        let user = UserId(open.user_id);
        self.check_skip(&mut tx, login, user, &open).await?;
        store::update_login_skipped(&mut tx, login, user).await?;
        let row = store::lookup_login(&mut tx, login).await?.ok_or_else(no_such_login)?;
        tx.commit().await?;
        Ok(LoginView { just_completed: true, ..LoginView::from_row(row)? })
    }

    async fn check_skip(
        &self,
        tx: &mut TenantTx,
        login: LoginId,
        user: UserId,
        open: &store::OpenLogin,
    ) -> Result<(), Stop> {
        let loaded = store::load_user(tx, user, login).await?;
        let suspended = loaded.tenant_status.as_deref() != Some("ACTIVE");
        let now = tx.tenant_now().await?;
        let snapshot = UserSnapshot::from_loaded(loaded)?.ok_or_else(no_such_login)?;
        if snapshot.facts.disabled || snapshot.facts.lock.is_some_and(|lock| lock.holds(now)) {
            return Err(refuse(RefusalCode::UserLocked, "This user cannot sign in at the moment."));
        }
        let policy = self.policy_at(tx.tenant(), now).await?.policy;
        let audience = policy.audience(snapshot.facts.kind);
        let first_factor = word(FirstFactor::parse(&open.first_factor), "first factor")?;
        let enrolling = open.outcome == LoginOutcome::Enroll.as_str();
        if suspended || !enrolling || !may_skip(audience, &snapshot.facts, first_factor, now) {
            let message = "Enrolling cannot be put off any more.";
            return Err(refuse(RefusalCode::NotAllowedByPolicy, message));
        }
        Ok(())
    }
}

fn refuse(code: RefusalCode, message: &str) -> Stop {
    Refusal::new(code, message).into()
}
