//! What the catalog says of the tables and their policies.

use std::fmt::Write as _;

use sqlx::PgConnection;

/// Whose rows a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnedBy {
    /// A tenant's.
    Tenant,
    /// A partner's.
    Partner,
}

impl OwnedBy {
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Tenant => "tenant_id",
            Self::Partner => "partner_id",
        }
    }

    /// Where a transaction says whose rows it is about.
    pub(crate) const fn setting(self) -> &'static str {
        match self {
            Self::Tenant => "postern.tenant_id",
            Self::Partner => "postern.partner_id",
        }
    }

    pub(crate) const fn policy(self) -> &'static str {
        match self {
            Self::Tenant => "tenant_isolation",
            Self::Partner => "partner_isolation",
        }
    }

    /// The condition of its policy.
    pub(crate) fn condition(self) -> String {
        format!("{} = nullif(current_setting('{}', true), '')::uuid", self.column(), self.setting())
    }
}

/// A column that a row cannot do without.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// A table under row-level security.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) owned_by: OwnedBy,
    pub(crate) columns: Vec<Column>,
}

impl Table {
    /// Whether a sentence is about this table, and not about one whose name begins alike.
    pub(crate) fn is_named_in(&self, sentence: &str) -> bool {
        sentence.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == self.name)
    }
}

/// Every table whose rows are somebody's, by its columns: one whose policy is gone is among them. Partitions are
/// reached through their parents.
pub(crate) async fn tables(connection: &mut PgConnection) -> Vec<Table> {
    let names: Vec<(String, bool)> = sqlx::query_as(
        "select c.relname::text, bool_or(a.attname = 'tenant_id')
           from pg_class c join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and a.attname in ('tenant_id', 'partner_id') and a.attnotnull
          group by 1 order by 1",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut tables = Vec::with_capacity(names.len());
    for (name, of_tenant) in names {
        let owned_by = if of_tenant { OwnedBy::Tenant } else { OwnedBy::Partner };
        let columns = columns(connection, &name).await;
        tables.push(Table { name, owned_by, columns });
    }
    tables
}

async fn columns(connection: &mut PgConnection, table: &str) -> Vec<Column> {
    let found: Vec<(String, String)> = sqlx::query_as(
        "select attname::text, format_type(atttypid, null) from pg_attribute
          where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
            and attnotnull and not atthasdef order by attnum",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .unwrap();
    found.into_iter().map(|(name, kind)| Column { name, kind }).collect()
}

/// Table and name of every policy.
pub(crate) async fn policy_names(connection: &mut PgConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "select tablename::text, policyname::text from pg_policies where schemaname = 'public' order by 1, 2",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

/// A policy as the catalog has it: table, name, command, roles, USING, CHECK.
type PolicyRow = (String, String, String, String, String, String);

/// All policies, one line each.
pub(crate) async fn policies(connection: &mut PgConnection) -> String {
    let policies: Vec<PolicyRow> = sqlx::query_as(
        "select tablename::text, policyname::text, cmd, array_to_string(roles, ','), coalesce(qual, ''), coalesce(with_check, '')
           from pg_policies where schemaname = 'public' order by 1, 2",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let mut text = String::new();
    for (table, policy, command, roles, using, check) in policies {
        let _ = writeln!(text, "{table} {policy} for {command} to {roles} using {using} check {check}");
    }
    text
}

/// What `postern_cross` may read, a line for each table.
pub(crate) async fn grants(connection: &mut PgConnection) -> String {
    let mut text = String::new();
    for (table, columns) in grants_across(connection).await {
        let _ = writeln!(text, "{table} is read by postern_cross: {columns}");
    }
    text
}

async fn grants_across(connection: &mut PgConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "select table_name::text, string_agg(column_name::text || ' ' || lower(privilege_type), ', ' order by column_name::text, privilege_type)
           from information_schema.column_privileges
          where grantee = 'postern_cross' and table_schema = 'public' group by 1 order by 1",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}
