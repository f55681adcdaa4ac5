//! Naming, filtering and writing users.

use async_graphql::{ID, InputObject, OneofObject};

use crate::enums::{EnrollmentState, UserKind, UserStatus};

/// Exactly one of the two.
#[derive(OneofObject)]
pub enum UserRef {
    /// Our identifier.
    Id(ID),
    /// The tenant's own, in any spelling.
    ExternalId(String),
}

impl From<UserRef> for svc_directory::UserRef {
    fn from(user: UserRef) -> Self {
        match user {
            UserRef::Id(id) => Self::Id(id.0),
            UserRef::ExternalId(text) => Self::ExternalId(text),
        }
    }
}

/// Which users are wanted; empty is all.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// Whose people.
    pub kind: Option<UserKind>,
    /// Any of these.
    pub enrollment: Option<Vec<EnrollmentState>>,
    /// Whether they can log in.
    pub status: Option<UserStatus>,
}

impl From<UserFilter> for svc_directory::UserFilter {
    fn from(filter: UserFilter) -> Self {
        Self {
            kind: filter.kind.map(Into::into),
            enrollment: filter.enrollment.map(|states| states.into_iter().map(Into::into).collect()),
            status: filter.status.map(Into::into),
        }
    }
}

/// A user as the tenant knows it. What is left out or null stays as it is.
#[derive(InputObject)]
pub struct UpsertUserInput {
    /// The tenant's own key: 1 to 255 characters, found in any spelling, kept as first given.
    pub external_id: String,
    /// Whose people.
    pub kind: UserKind,
    /// A name for persons to read.
    pub display_name: Option<String>,
    /// The address on record; one user's alone.
    pub email: Option<String>,
    /// Email of the administrator who looks after this user.
    pub advisor_email: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// true ends at once what is open: logins, codes, links, enrollments.
    pub disabled: Option<bool>,
}

impl From<UpsertUserInput> for svc_directory::UpsertUserInput {
    fn from(input: UpsertUserInput) -> Self {
        Self {
            external_id: input.external_id,
            kind: input.kind.into(),
            display_name: input.display_name,
            email: input.email,
            advisor_email: input.advisor_email,
            language: input.language,
            disabled: input.disabled,
        }
    }
}

/// A user to erase.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// Who.
    pub user: UserRef,
}
