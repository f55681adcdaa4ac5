//! Which users are wanted, as a tree of tests, and as SQL. Only the fragments in this file become part
//! of a statement; whatever a client wrote is a parameter.

use core_contact::EmailAddress;
use core_crypto::{BlindKind, KeyRing, blind_indexes};
use core_kernel::{TenantId, Timestamp, UserId, fold_identifier};
use core_policy::UserKind;
use sqlx::{Postgres, QueryBuilder};

/// A condition on users.
#[derive(Debug, Clone, PartialEq)]
pub enum UserPredicate {
    /// All of these; of none: everybody.
    All(Vec<UserPredicate>),
    /// Any of these; of none: nobody.
    Any(Vec<UserPredicate>),
    /// Not this. What is unassigned does not satisfy a test, and so satisfies its opposite.
    Not(Box<UserPredicate>),
    /// One test.
    Test(UserTest),
}

/// A test of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum UserTest {
    /// This user.
    Id(UserId),
    /// A text.
    Text(TextField, TextTest),
    /// Whether the user can log in.
    Active(bool),
    /// Whose people.
    Kind(UserKind),
    /// The address on record, in any spelling; one that is no address is nobody's.
    Email(String),
    /// Whether there is an address on record.
    HasEmail,
    /// When Postern first heard of the user: how that compares with the instant.
    Created(std::cmp::Ordering, Timestamp),
}

/// The texts that can be searched. Sealed ones cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// The external identifier, in any spelling.
    UserName,
    /// The directory's own key, exactly.
    DirectoryId,
    /// The name to show, in any case.
    DisplayName,
    /// The language, in any case.
    Language,
}

/// A test of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// Is assigned.
    Present,
    /// Is this.
    Equals(String),
    /// Contains this.
    Contains(String),
    /// Begins with this.
    Begins(String),
    /// Ends with this.
    Ends(String),
    /// Comes before (`Less`) or after (`Greater`) this, by code points.
    Compares(std::cmp::Ordering, String),
}

impl UserPredicate {
    /// Whether an index finds the users, so that others need not be looked at.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().any(Self::is_indexed),
            Self::Any(parts) => parts.iter().all(Self::is_indexed),
            Self::Not(_) => false,
            Self::Test(UserTest::Id(_) | UserTest::Email(_)) => true,
            Self::Test(UserTest::Text(TextField::UserName | TextField::DirectoryId, test)) => {
                matches!(test, TextTest::Equals(_))
            }
            Self::Test(_) => false,
        }
    }
}

/// A predicate of one tenant's users, which can be written into a statement.
pub(super) struct Condition<'a> {
    pub(super) predicate: &'a UserPredicate,
    pub(super) tenant: TenantId,
    pub(super) ring: &'a KeyRing,
}

impl Condition<'_> {
    pub(super) fn write(&self, query: &mut QueryBuilder<Postgres>) {
        self.write_one(self.predicate, query);
    }

    fn write_one(&self, predicate: &UserPredicate, query: &mut QueryBuilder<Postgres>) {
        match predicate {
            UserPredicate::All(parts) => self.write_joined(parts, " and ", "true", query),
            UserPredicate::Any(parts) => self.write_joined(parts, " or ", "false", query),
            UserPredicate::Not(inner) => {
                query.push("(");
                self.write_one(inner, query);
                query.push(") is not true");
            }
            UserPredicate::Test(test) => self.write_test(test, query),
        }
    }

    fn write_joined(
        &self,
        parts: &[UserPredicate],
        between: &'static str,
        none: &'static str,
        query: &mut QueryBuilder<Postgres>,
    ) {
        query.push("(");
        if parts.is_empty() {
            query.push(none);
        }
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                query.push(between);
            }
            self.write_one(part, query);
        }
        query.push(")");
    }

    fn write_test(&self, test: &UserTest, query: &mut QueryBuilder<Postgres>) {
        match test {
            UserTest::Id(user) => query.push("u.user_id = ").push_bind(user.0),
            UserTest::Active(active) => query.push("u.disabled = ").push_bind(!active),
            UserTest::Kind(kind) => query.push("u.kind = ").push_bind(kind.as_str()),
            UserTest::HasEmail => query.push("u.email_index is not null"),
            UserTest::Email(text) => query.push("u.email_index = any (").push_bind(self.indexes(text)).push(")"),
            UserTest::Created(order, at) => query.push("u.created_at").push(sign(*order)).push_bind(*at),
            UserTest::Text(field, test) => write_text(*field, test, query),
        };
    }

    fn indexes(&self, text: &str) -> Vec<Vec<u8>> {
        let Ok(email) = EmailAddress::parse(text) else { return Vec::new() };
        let indexes = blind_indexes(self.ring, self.tenant, BlindKind::Email, email.normalized());
        indexes.into_iter().map(|(_, index)| index.to_vec()).collect()
    }
}

fn write_text<'a>(
    field: TextField,
    test: &TextTest,
    query: &'a mut QueryBuilder<Postgres>,
) -> &'a mut QueryBuilder<Postgres> {
    query.push(field.column());
    match test {
        TextTest::Present => query.push(" is not null"),
        TextTest::Equals(text) => query.push(" = ").push_bind(field.fold(text)),
        TextTest::Contains(text) => query.push(" like ").push_bind(format!("%{}%", escaped(&field.fold(text)))),
        TextTest::Begins(text) => query.push(" like ").push_bind(format!("{}%", escaped(&field.fold(text)))),
        TextTest::Ends(text) => query.push(" like ").push_bind(format!("%{}", escaped(&field.fold(text)))),
        TextTest::Compares(order, text) => query.push(" collate \"C\"").push(sign(*order)).push_bind(field.fold(text)),
    }
}

fn sign(order: std::cmp::Ordering) -> &'static str {
    match order {
        std::cmp::Ordering::Less => " < ",
        std::cmp::Ordering::Equal => " = ",
        std::cmp::Ordering::Greater => " > ",
    }
}

impl TextField {
    fn column(self) -> &'static str {
        match self {
            Self::UserName => "u.external_id_folded",
            Self::DirectoryId => "p.directory_id",
            Self::DisplayName => "lower(u.display_name)",
            Self::Language => "lower(u.language)",
        }
    }

    /// A client's text as it is compared; a NUL cannot be a parameter, and is in no stored text.
    fn fold(self, text: &str) -> String {
        let text = text.replace('\0', "\u{FFFD}");
        match self {
            Self::UserName => fold_identifier(&text),
            Self::DirectoryId => text,
            Self::DisplayName | Self::Language => text.to_lowercase(),
        }
    }
}

/// What means something to LIKE means itself.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
#[path = "predicate_tests.rs"]
mod tests;
