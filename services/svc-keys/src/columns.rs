//! The one list of what lies sealed under tenants' data keys.
//!
//! To add one: a line here. A test compares the list with the database, and another moves each of
//! them to where it does not open.

use core_crypto::SealContext;
use core_kernel::TenantId;
use svc_platform::place;
use uuid::Uuid;

/// Which row's identifier a value is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedRow {
    /// That in this column.
    Id(&'static str),
    /// One tenant, one row.
    Tenant,
    /// An identifier and a number in these columns.
    Numbered(&'static str, &'static str),
}

/// A sealed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What its values are bound to.
    pub row: SealedRow,
}

const fn column(table: &'static str, column: &'static str, row: SealedRow) -> SealedColumn {
    SealedColumn { table, column, row }
}

/// All of them.
pub const SEALED: [SealedColumn; 12] = [
    column("tenant_user", "email_sealed", SealedRow::Id("user_id")),
    column("factor", "secret_sealed", SealedRow::Id("factor_id")),
    column("challenge", "state_sealed", SealedRow::Id("login_id")),
    column("message", "destination_sealed", SealedRow::Id("message_id")),
    column("message", "secret_sealed", SealedRow::Id("message_id")),
    column("directory_profile", "profile_sealed", SealedRow::Id("user_id")),
    column("webhook_endpoint", "secret_sealed", SealedRow::Id("endpoint_id")),
    column("webhook_endpoint", "previous_secret_sealed", SealedRow::Id("endpoint_id")),
    column("tenant_provider", "account_sealed", SealedRow::Tenant),
    column("identity_provider", "client_secret_sealed", SealedRow::Tenant),
    column("import_block", "sealed", SealedRow::Numbered("import_id", "block_no")),
    column("import_refusal", "sealed", SealedRow::Numbered("import_id", "line")),
];

impl SealedColumn {
    /// Where the value of this row is sealed.
    #[must_use]
    pub fn place(&self, tenant: TenantId, row: Uuid, number: i32) -> SealContext {
        let row = match self.row {
            SealedRow::Id(_) => row,
            SealedRow::Tenant => tenant.0,
            SealedRow::Numbered(..) => Uuid::from_u128(row.as_u128() ^ u128::from(number.unsigned_abs())),
        };
        place(tenant, self.table, row, self.column)
    }

    /// The columns that say which row it is: an identifier, and a number or 0.
    pub(crate) const fn keys(&self) -> (&'static str, &'static str) {
        match self.row {
            SealedRow::Id(id) => (id, "0"),
            SealedRow::Tenant => ("tenant_id", "0"),
            SealedRow::Numbered(id, number) => (id, number),
        }
    }
}
