//! Who will be blocked.
//!
//! Counting reads two indexes and nothing else (`tenant_user_rollout`, `factor_enrolled`), as far as
//! autovacuum has been there: about four times what it takes to count the users by their index. Where there
//! is a grace period the first login of those who have not enrolled is read from the table as well. A
//! page is found by walking on from its cursor: what it costs depends on how many of the users between
//! are enrolled, at most as much as counting.

use core_kernel::{AdminId, Timestamp, UserId};
use core_policy::{AudiencePolicy, Channel, UserKind};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// What is asked of all users.
pub(crate) struct BlockedQuery {
    kind: &'static str,
    /// Whether a phone of any kind is usable, and one that takes texts.
    any_phone: bool,
    mobile: bool,
    /// Other kinds of factors that are usable.
    kinds: Vec<&'static str>,
    /// Where set, whoever is first seen later still has grace.
    seen_before: Option<Timestamp>,
    advisor: Option<Uuid>,
}

impl BlockedQuery {
    pub(crate) fn new(kind: UserKind, audience: &AudiencePolicy, from: Timestamp, advisor: Option<AdminId>) -> Self {
        let allows = |channel| audience.allowed_channels.contains(&channel);
        let others = [(Channel::Email, "EMAIL"), (Channel::Totp, "TOTP"), (Channel::Passkey, "PASSKEY")];
        Self {
            kind: kind.as_str(),
            any_phone: allows(Channel::Voice),
            mobile: allows(Channel::Sms),
            kinds: others.into_iter().filter(|(channel, _)| allows(*channel)).map(|(_, kind)| kind).collect(),
            seen_before: (audience.grace_period_seconds > 0).then_some(from),
            advisor: advisor.map(|id| id.0),
        }
    }
}

// A factor that would do under the policy: $3 to $5.
macro_rules! usable {
    () => {
        "(f.status = 'ACTIVE'
          and case when f.kind in ('PHONE_PRIMARY', 'PHONE_RECOVERY') then $3 or ($4 and f.line = 'MOBILE')
                   else f.kind = any ($5) end)"
    };
}
macro_rules! enrolled {
    () => {
        "f.tenant_id = $1 and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES'"
    };
}
macro_rules! no_backup_code {
    () => {
        "not exists (select from factor b join backup_code c on c.tenant_id = b.tenant_id and c.factor_id = b.factor_id
                      where b.tenant_id = $1 and b.user_id = u.user_id and b.kind = 'BACKUP_CODES'
                        and b.status = 'ACTIVE' and c.used_at is null)"
    };
}
macro_rules! count {
    ($reached:literal) => {
        concat!(
            "with enrolled as (
                 select f.user_id, bool_or",
            usable!(),
            " as usable from factor f where ",
            enrolled!(),
            " group by f.user_id)
             select count(*) filter (where e.user_id is null) as not_enrolled,
                    count(*) filter (where e.user_id is not null) as no_usable_factor
               from tenant_user u left join enrolled e on e.user_id = u.user_id
              where u.tenant_id = $1 and u.erased_at is null and u.kind = $2 and not u.disabled
                and case when e.user_id is null then ",
            $reached,
            " else not e.usable and ",
            no_backup_code!(),
            " end"
        )
    };
}

/// Numbers of users by why they will be blocked.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Blocked {
    pub(crate) not_enrolled: i64,
    pub(crate) no_usable_factor: i64,
}

/// Binds $1 to $5 and, where the statement has them, $6 and $7.
macro_rules! bind {
    ($query:expr, $tenant:expr, $asked:expr) => {
        $query.bind($tenant).bind($asked.kind).bind($asked.any_phone).bind($asked.mobile).bind(&$asked.kinds)
    };
}

pub(crate) async fn count_blocked(tx: &mut TenantTx, asked: &BlockedQuery) -> Result<Blocked, DbError> {
    // The one names no column that is not in the index.
    const ALL: &str = count!("true");
    const SOME: &str = concat!(
        count!("($6::timestamptz is null or u.first_login_at <= $6)"),
        " and ($7::uuid is null or u.advisor_id = $7)"
    );
    let tenant = tx.tenant().0;
    if asked.seen_before.is_none() && asked.advisor.is_none() {
        return Ok(bind!(sqlx::query_as(ALL), tenant, asked).fetch_one(tx.connection()).await?);
    }
    let query = bind!(sqlx::query_as(SOME), tenant, asked).bind(asked.seen_before).bind(asked.advisor);
    Ok(query.fetch_one(tx.connection()).await?)
}

/// Users after `after`, in the order of their identifiers, and whether each is enrolled.
pub(crate) async fn list_blocked(
    tx: &mut TenantTx,
    asked: &BlockedQuery,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<(UserId, bool)>, DbError> {
    const SQL: &str = concat!(
        "select u.user_id, x.enrolled
           from tenant_user u
          cross join lateral (select exists (select from factor f where f.user_id = u.user_id and ",
        enrolled!(),
        ") as enrolled) x
          where u.tenant_id = $1 and u.erased_at is null and u.kind = $2 and not u.disabled
            and ($8::uuid is null or u.user_id > $8)
            and not exists (select from factor f where f.user_id = u.user_id and ",
        enrolled!(),
        " and ",
        usable!(),
        ") and case when x.enrolled then ",
        no_backup_code!(),
        " else $6::timestamptz is null or u.first_login_at <= $6 end
            and ($7::uuid is null or u.advisor_id = $7)
          order by u.user_id limit $9"
    );
    let tenant = tx.tenant().0;
    let query = bind!(sqlx::query_as(SQL), tenant, asked).bind(asked.seen_before).bind(asked.advisor);
    let rows: Vec<(Uuid, bool)> = query.bind(after.map(|user| user.0)).bind(limit).fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(|(user, enrolled)| (UserId(user), enrolled)).collect())
}
