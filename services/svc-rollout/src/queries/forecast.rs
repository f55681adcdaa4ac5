//! Who will be blocked on the date.

use std::collections::HashMap;
use std::sync::Arc;

use core_access::Permit;
use core_kernel::{Fault, Page, PageRequest, Timestamp, TypedId, UserId};
use core_policy::UserKind;
use io_postgres::TenantTx;
use svc_policy::PolicySnapshot;

use crate::model::{BlockedReason, BlockedUser, EnrollmentForecast};
use crate::rollout::Rollout;
use crate::store::{self, BlockedQuery};

impl Rollout {
    /// How many of an audience will not get in without doing something first, once enrollment is
    /// mandatory for it; `None` while no version of the policy, scheduled ones included, sets a date.
    /// An ADVISOR is told of the users assigned to them.
    ///
    /// Counted are users who are not disabled and have no factor that the policy will accept. Not counted
    /// are those who will have a grace period, since they were never seen; allowed networks and opting
    /// out make no difference, since nobody can count on them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forecast(&self, permit: &Permit, kind: UserKind) -> Result<Option<EnrollmentForecast>, Fault> {
        let snapshot = self.policies.snapshot(permit.tenant()).await?;
        let Some((mandatory_from, policy_version, asked)) = asked(&snapshot, permit, kind)? else { return Ok(None) };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let blocked = store::count_blocked(&mut tx, &asked).await?;
        Ok(Some(EnrollmentForecast {
            kind,
            mandatory_from,
            policy_version,
            not_enrolled: blocked.not_enrolled,
            no_usable_factor: blocked.no_usable_factor,
        }))
    }

    /// Those users, the longest known first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn blocked_users(
        &self,
        permit: &Permit,
        kind: UserKind,
        page: &PageRequest,
    ) -> Result<Page<BlockedUser>, Fault> {
        let snapshot = self.policies.snapshot(permit.tenant()).await?;
        let after = match page.after.as_deref().map(UserId::from_text) {
            None => None,
            Some(Some(user)) => Some(user),
            // A cursor of another list: nothing comes after it.
            Some(None) => Some(UserId(uuid::Uuid::max())),
        };
        let rows = match asked(&snapshot, permit, kind)? {
            None => Vec::new(),
            Some((_, _, asked)) => {
                let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
                store::list_blocked(&mut tx, &asked, after, page.limit()).await?
            }
        };
        let users = Page::cut(page, rows, |(user, _)| user.to_text());
        self.with_views(permit, users).await
    }

    async fn with_views(&self, permit: &Permit, page: Page<(UserId, bool)>) -> Result<Page<BlockedUser>, Fault> {
        let ids: Vec<UserId> = page.rows.iter().map(|(_, (user, _))| *user).collect();
        let views = self.directory.users_by_id(permit, &ids).await?;
        let mut views: HashMap<UserId, _> = views.into_iter().map(|view| (view.record.user_id, view)).collect();
        let Page { rows, has_next, has_previous } = page;
        let rows = rows.into_iter().filter_map(|(cursor, (user, enrolled))| {
            let reason = if enrolled { BlockedReason::NoUsableFactor } else { BlockedReason::NotEnrolled };
            Some((cursor, BlockedUser { user: views.remove(&user)?, reason }))
        });
        Ok(Page { rows: rows.collect(), has_next, has_previous })
    }
}

/// The date, the version that sets it, and what is to be asked of users.
fn asked(
    snapshot: &Arc<PolicySnapshot>,
    permit: &Permit,
    kind: UserKind,
) -> Result<Option<(Timestamp, i32, BlockedQuery)>, Fault> {
    let version = snapshot.coming().ok_or_else(|| Fault::internal("the tenant has no policy"))?;
    let audience = version.policy.audience(kind);
    let Some(from) = audience.mandatory_from else { return Ok(None) };
    let query = BlockedQuery::new(kind, audience, from, permit.caller().only_users_of());
    Ok(Some((from, version.version, query)))
}
