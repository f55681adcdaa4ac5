//! Users: the columns of an import, and in JSON Lines all else that is told of a user.

use std::sync::Arc;

use core_crypto::DataKey;
use core_kernel::{Fault, Timestamp, TypedId, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use super::cell::{Cell, Row};
use super::{ExportFormat, PAGE, Pages, open_sealed};

/// With contacts: those of an import come first.
const ALL: [&str; 12] = [
    "external_id",
    "kind",
    "display_name",
    "email",
    "phone",
    "recovery_phone",
    "advisor_email",
    "id",
    "language",
    "disabled",
    "enrolled",
    "created_at",
];
const ALL_BUT_CONTACTS: [&str; 9] =
    ["external_id", "kind", "display_name", "advisor_email", "id", "language", "disabled", "enrolled", "created_at"];

/// How many of them an import takes.
const OF_IMPORT: usize = 7;
const OF_IMPORT_BUT_CONTACTS: usize = 4;

pub(super) struct Users {
    key: Option<Arc<DataKey>>,
    columns: &'static [&'static str],
    after: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct UserRow {
    user_id: Uuid,
    external_id: String,
    kind: String,
    display_name: Option<String>,
    email_sealed: Option<Vec<u8>>,
    language: Option<String>,
    disabled: bool,
    created_at: Timestamp,
    advisor_email: Option<String>,
    phone_id: Option<Uuid>,
    phone_sealed: Option<Vec<u8>>,
    recovery_id: Option<Uuid>,
    recovery_sealed: Option<Vec<u8>>,
    enrolled: bool,
}

impl Users {
    /// `key` where contacts are to be opened.
    pub(super) fn new(key: Option<Arc<DataKey>>, format: ExportFormat) -> Self {
        let columns: &'static [&'static str] = match (key.is_some(), format) {
            (true, ExportFormat::Jsonl) => &ALL,
            (true, ExportFormat::Csv) => &ALL[..OF_IMPORT],
            (false, ExportFormat::Jsonl) => &ALL_BUT_CONTACTS,
            (false, ExportFormat::Csv) => &ALL_BUT_CONTACTS[..OF_IMPORT_BUT_CONTACTS],
        };
        Self { key, columns, after: None }
    }

    fn row(&self, user: UserRow) -> Result<Row, Fault> {
        let key = self.key.as_ref();
        let phone = |id: Option<Uuid>, sealed: Option<&[u8]>| {
            id.map_or(Ok(None), |id| open_sealed(key, "factor", id, "secret_sealed", sealed))
        };
        let mut row: Row = vec![user.external_id.into(), user.kind.into(), user.display_name.into()];
        if key.is_some() {
            row.push(
                open_sealed(key, "tenant_user", user.user_id, "email_sealed", user.email_sealed.as_deref())?.into(),
            );
            row.push(phone(user.phone_id, user.phone_sealed.as_deref())?.into());
            row.push(phone(user.recovery_id, user.recovery_sealed.as_deref())?.into());
        }
        let rest: [Cell; 6] = [
            user.advisor_email.into(),
            UserId(user.user_id).to_text().into(),
            user.language.into(),
            user.disabled.into(),
            user.enrolled.into(),
            user.created_at.into(),
        ];
        row.extend(rest);
        row.truncate(self.columns.len());
        Ok(row)
    }
}

impl Pages for Users {
    fn columns(&self) -> &'static [&'static str] {
        self.columns
    }

    async fn next(&mut self, tx: &mut TenantTx) -> Result<Vec<Row>, Fault> {
        let users = list(tx, self.after).await?;
        self.after = users.last().map(|user| user.user_id).or(self.after);
        users.into_iter().map(|user| self.row(user)).collect()
    }
}

// Of each role the phone that is in use, else the one that the tenant supplied.
macro_rules! phone {
    ($name:literal, $kind:literal) => {
        concat!(
            " left join lateral (
                select f.factor_id, f.secret_sealed from factor f
                 where f.tenant_id = $1 and f.user_id = u.user_id and f.kind = '",
            $kind,
            "'
                   and (f.status in ('ACTIVE', 'DISABLED') or f.status = 'PENDING' and f.suggested)
                 order by f.status limit 1) ",
            $name,
            " on true"
        )
    };
}

async fn list(tx: &mut TenantTx, after: Option<Uuid>) -> Result<Vec<UserRow>, DbError> {
    const SQL: &str = concat!(
        "select u.user_id, u.external_id, u.kind, u.display_name, u.email_sealed, u.language, u.disabled, u.created_at,
                a.email as advisor_email, p.factor_id as phone_id, p.secret_sealed as phone_sealed,
                r.factor_id as recovery_id, r.secret_sealed as recovery_sealed,
                exists (select from factor f where f.tenant_id = $1 and f.user_id = u.user_id
                           and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES') as enrolled
           from tenant_user u
           left join tenant_admin a on a.tenant_id = u.tenant_id and a.admin_id = u.advisor_id",
        phone!("p", "PHONE_PRIMARY"),
        phone!("r", "PHONE_RECOVERY"),
        " where u.tenant_id = $1 and u.erased_at is null and ($2::uuid is null or u.user_id > $2)
          order by u.user_id limit $3"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(after).bind(PAGE).fetch_all(tx.connection()).await?)
}
