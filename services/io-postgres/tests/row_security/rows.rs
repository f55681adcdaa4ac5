//! A row of each of two owners in every table, made from the columns' types: what is probed is whose rows they
//! are, not what they say.

use sqlx::PgConnection;

use crate::catalog::{OwnedBy, Table};

/// Who asks.
pub(crate) const OURS: &str = "11111111-1111-7111-8111-111111111111";
/// Whose rows are not to be seen.
pub(crate) const THEIRS: &str = "22222222-2222-7222-8222-222222222222";

/// Fills every table, with its checks and references out of the way.
pub(crate) async fn insert(superuser: &mut PgConnection, tables: &[Table]) {
    crate::run(superuser, WITHOUT_CHECKS).await;
    crate::run(superuser, "set session_replication_role = replica").await;
    for table in tables {
        for owner in [OURS, THEIRS] {
            crate::run(superuser, &statement(table, owner)).await;
        }
    }
    crate::run(superuser, "set session_replication_role = origin").await;
}

const WITHOUT_CHECKS: &str = "do $$
declare
    c record;
begin
    for c in select conrelid::regclass as t, conname from pg_constraint
              where contype = 'c' and connamespace = 'public'::regnamespace and conislocal loop
        execute format('alter table %s drop constraint %I', c.t, c.conname);
    end loop;
end $$";

/// A new row of this owner's.
pub(crate) fn statement(table: &Table, owner: &str) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> =
        table.columns.iter().map(|column| value(table.owned_by, &column.name, &column.kind, owner)).collect();
    format!("insert into {} ({}) values ({})", table.name, names.join(", "), values.join(", "))
}

fn value(owned_by: OwnedBy, name: &str, kind: &str, owner: &str) -> String {
    if name == owned_by.column() || (name == "partner_id" && kind == "uuid") {
        return format!("'{owner}'");
    }
    let value = match kind {
        "uuid" => "gen_random_uuid()",
        "text" | "character varying" | "character" => "md5(random()::text)",
        "boolean" => "false",
        "timestamp with time zone" => "now()",
        "date" => "date_trunc('month', now())::date",
        "jsonb" | "json" => "'{}'",
        "bytea" => "decode(md5(random()::text), 'hex')",
        "inet" | "cidr" => "'192.0.2.1'",
        "interval" => "interval '1 second'",
        array if array.ends_with("[]") => "'{}'",
        _ => "1",
    };
    value.to_owned()
}
