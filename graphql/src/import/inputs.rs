//! What is asked for.

use async_graphql::{ID, InputObject};

use super::upload::Upload;

/// CSV with a header row: `slug,name,owner_email[,environment]`. Re-importing a slug updates it.
#[derive(InputObject)]
pub struct ImportTenantsInput {
    /// UTF-8, with or without a byte order mark.
    pub file: Upload,
    /// Do everything but the changes.
    #[graphql(default)]
    pub dry_run: bool,
    /// A SANDBOX tenant beside each LIVE one, its slug ending in `-sandbox`.
    #[graphql(default)]
    pub sandbox_twins: bool,
}

/// CSV with a header row: `external_id,kind[,display_name,email,phone,recovery_phone,advisor_email,language]`, the columns in
/// any order. Re-importing an `external_id`, in any spelling, updates it; what a row leaves empty stays as it is.
#[derive(InputObject)]
pub struct ImportUsersInput {
    /// UTF-8, with or without a byte order mark.
    pub file: Upload,
    /// Do everything but the changes.
    #[graphql(default)]
    pub dry_run: bool,
    /// The tenant vouches for the phones: they are ACTIVE, for users who have no factor yet. Otherwise they are suggested at
    /// the first login.
    #[graphql(default)]
    pub trust_contacts: bool,
}

/// An import.
#[derive(InputObject)]
pub struct CancelImportInput {
    /// Which.
    pub id: ID,
}
