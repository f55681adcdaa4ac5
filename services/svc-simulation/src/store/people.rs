//! Users as they are today.

use core_kernel::Timestamp;
use core_policy::{FactorFacts, FactorKind, FactorStatus, Lock, PhoneLine, SecurityLevel, UserFacts, UserKind};
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

/// A user, as a login at this moment would find them.
pub(crate) struct Person {
    pub(crate) user: Uuid,
    pub(crate) facts: UserFacts,
}

/// These users; erased ones are not among them.
pub(crate) async fn list_people(tx: &mut TenantTx, users: &[Uuid]) -> Result<Vec<Person>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "with clock as materialized (select tenant_now($1) as now)
         select u.user_id, u.kind, u.disabled, u.opted_out_at is not null as opted_out, u.first_login_at, u.skips_used,
                u.chosen_level, u.advisor_level, coalesce(u.locked_until = 'infinity', false) as locked_forever,
                f.kinds, f.statuses, f.lines,
                exists (select from backup_code b join factor x on x.tenant_id = b.tenant_id and x.factor_id = b.factor_id
                         where x.tenant_id = $1 and x.user_id = u.user_id and x.status = 'ACTIVE'
                           and b.tenant_id = $1 and b.used_at is null) as backup_codes,
                exists (select from temporary_access_code c
                         where c.tenant_id = $1 and c.user_id = u.user_id and c.login_id is null and c.used_at is null
                           and c.revoked_at is null and c.expires_at > clock.now) as temporary_code
           from tenant_user u
          cross join clock
          cross join lateral (
                select array_agg(x.kind) as kinds, array_agg(x.status) as statuses, array_agg(x.line) as lines
                  from factor x
                 where x.tenant_id = $1 and x.user_id = u.user_id and x.status in ('ACTIVE', 'DISABLED')) f
          where u.tenant_id = $1 and u.user_id = any ($2) and u.erased_at is null",
    )
    .bind(tenant)
    .bind(users)
    .fetch_all(tx.connection())
    .await?)
}

impl FromRow<'_, PgRow> for Person {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let kind: String = row.try_get("kind")?;
        let mut facts = UserFacts::new(word("kind", &kind, UserKind::parse)?);
        facts.disabled = row.try_get("disabled")?;
        // A lock that runs out by itself is no reason to call a user locked out.
        facts.lock = row.try_get::<bool, _>("locked_forever")?.then_some(Lock::Indefinite);
        facts.factors = factors(row)?;
        facts.backup_codes_remaining = row.try_get("backup_codes")?;
        facts.temporary_access_outstanding = row.try_get("temporary_code")?;
        facts.opted_out = row.try_get("opted_out")?;
        facts.first_login_at = row.try_get::<Option<Timestamp>, _>("first_login_at")?;
        facts.skips_used = u32::try_from(row.try_get::<i32, _>("skips_used")?).unwrap_or(u32::MAX);
        facts.chosen_level = level(row, "chosen_level")?;
        facts.advisor_level = level(row, "advisor_level")?;
        Ok(Self { user: row.try_get("user_id")?, facts })
    }
}

fn factors(row: &PgRow) -> Result<Vec<FactorFacts>, sqlx::Error> {
    let kinds: Vec<String> = row.try_get::<Option<_>, _>("kinds")?.unwrap_or_default();
    let statuses: Vec<String> = row.try_get::<Option<_>, _>("statuses")?.unwrap_or_default();
    let lines: Vec<Option<String>> = row.try_get::<Option<_>, _>("lines")?.unwrap_or_default();
    let zipped = kinds.iter().zip(&statuses).zip(&lines);
    zipped
        .map(|((kind, status), line)| {
            Ok(FactorFacts {
                kind: word("kind", kind, FactorKind::parse)?,
                status: word("status", status, FactorStatus::parse)?,
                line: line.as_deref().map(|line| word("line", line, PhoneLine::parse)).transpose()?,
            })
        })
        .collect()
}

fn level(row: &PgRow, column: &'static str) -> Result<Option<SecurityLevel>, sqlx::Error> {
    let stored: Option<String> = row.try_get(column)?;
    stored.map(|text| word(column, &text, SecurityLevel::parse)).transpose()
}

fn word<T>(column: &'static str, text: &str, parse: fn(&str) -> Option<T>) -> Result<T, sqlx::Error> {
    let unknown = || sqlx::Error::ColumnDecode { index: column.to_owned(), source: format!("unknown: {text}").into() };
    parse(text).ok_or_else(unknown)
}
