//! What a tenant can do with a table, tried out: each sees and changes its own rows, and nobody else's.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::catalog::Table;
use crate::rows::{self, OURS, THEIRS};

/// The role that serves, and the one that owns the tables and is bound by the same policies.
const ROLES: [&str; 2] = ["postern_app", "postern_owner"];

/// What became of a statement.
enum Tried {
    /// So many rows were found or changed.
    Done(u64),
    /// The policy or the grants refused it.
    Refused,
    /// The policy let it pass; a constraint stood behind it.
    Passed,
}

impl Tried {
    fn found_any(&self) -> bool {
        matches!(self, Self::Done(1..))
    }
}

/// Whatever of this table's rows is not as it should be, as sentences that name the table.
pub(crate) async fn faults(connection: &mut PgConnection, table: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    for role in ROLES {
        let found = faults_of(connection, table, role).await;
        faults.extend(found.into_iter().map(|what| format!("as {role}, table {}: {what}", table.name)));
    }
    faults
}

async fn faults_of(connection: &mut PgConnection, table: &Table, role: &str) -> Vec<&'static str> {
    let (name, column) = (&table.name, table.owned_by.column());
    let of = |whose: &str| format!("from {name} where {column} = '{whose}'");
    let mut tried = async |owner, statement: String| attempt(connection, table, role, owner, &statement).await;
    let mut faults = Vec::new();
    if matches!(tried(Some(OURS), format!("select 1 {}", of(OURS))).await, Tried::Done(0)) {
        faults.push("one's own rows are not seen");
    }
    if tried(Some(OURS), format!("select 1 {}", of(THEIRS))).await.found_any() {
        faults.push("another's rows are seen");
    }
    if tried(None, format!("select 1 from {name}")).await.found_any() {
        faults.push("rows are seen by nobody in particular");
    }
    if tried(Some(OURS), format!("update {name} set {column} = {column} where {column} = '{THEIRS}'")).await.found_any()
    {
        faults.push("another's rows are changed");
    }
    if tried(Some(OURS), format!("delete {}", of(THEIRS))).await.found_any() {
        faults.push("another's rows are deleted");
    }
    if !matches!(tried(Some(OURS), rows::statement(table, THEIRS)).await, Tried::Refused) {
        faults.push("a row is written in another's name");
    }
    faults
}

/// Tries a statement as this role, on behalf of `owner`. What it does is undone.
async fn attempt(
    connection: &mut PgConnection,
    table: &Table,
    role: &str,
    owner: Option<&str>,
    statement: &str,
) -> Tried {
    let mut tx = connection.begin().await.unwrap();
    let setting = format!("set_config('{}', '{}', true)", table.owned_by.setting(), owner.unwrap_or_default());
    crate::run(&mut tx, &format!("set local role {role}; select {setting}")).await;
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).persistent(false).execute(&mut *tx).await;
    tx.rollback().await.unwrap();
    match done {
        Ok(done) => Tried::Done(done.rows_affected()),
        Err(error) if is_refusal(&error) => Tried::Refused,
        Err(_) => Tried::Passed,
    }
}

/// "insufficient_privilege": what row-level security says of a row, and what is said where a grant is missing.
fn is_refusal(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "42501")
}
