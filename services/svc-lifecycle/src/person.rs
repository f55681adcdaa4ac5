//! Everything that is held on one person, for whoever asks what that is (GDPR, article 15; CCPA §1798.110).
//!
//! It is read off the catalog: every table with a user in it, every column that is no secret. What is
//! added later is told as well, without anybody's remembering it here. Contacts are opened; digests, seeds
//! and whatever else lies sealed prove something and tell nothing, and are left out.

use std::sync::Arc;

use core_access::{Permit, Principal};
use core_crypto::DataKey;
use core_kernel::{Fault, Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::{Map, Value, json};
use svc_directory::UserRef;
use svc_directory::users::resolve_user;
use svc_platform::Platform;
use uuid::Uuid;

use crate::export::{open_sealed, who};
use crate::store::persons::{Table, list_entries, list_rows, list_tables};

/// Sealed columns that are opened, and under which name: what they hold is the person's own.
const OPENED: [(&str, &str, &str, &str); 3] = [
    ("tenant_user", "user_id", "email_sealed", "email"),
    ("factor", "factor_id", "secret_sealed", "destination"),
    ("message", "message_id", "destination_sealed", "destination"),
];

/// Kinds of factors whose secret is where a person is reached, and not what proves who it is.
const CONTACTS: [&str; 3] = ["PHONE_PRIMARY", "PHONE_RECOVERY", "EMAIL"];

/// What is held on a person, by table, and what the log says of them.
///
/// # Errors
/// NOT_FOUND at `user`; FORBIDDEN for anybody but the operator; when the database fails or something
/// sealed does not open.
pub async fn export_person(platform: &Platform, permit: &Permit, user: &UserRef) -> Result<Value, Stop> {
    if permit.caller().principal != Principal::System {
        return Err(Fault::Forbidden { reason: None }.into());
    }
    let key = platform.keys.data_key(&platform.database, permit.tenant()).await?;
    let mut tx = TenantTx::begin(&platform.database, permit.tenant()).await?;
    let id = resolve_user(&mut tx, user, None).await?.user_id;
    let mut held = Map::new();
    for table in list_tables(&mut tx).await? {
        let rows = list_rows(&mut tx, &table, id).await?;
        let rows: Result<Vec<_>, _> = rows.into_iter().map(|row| shown(&key, &table, row)).collect();
        held.insert(table.name, rows?.into());
    }
    held.insert("audit_entry".to_owned(), list_entries(&mut tx, id).await?.into());
    svc_audit::record_as(&mut tx, &who(permit), "user.exported", Some(&id.to_text()), json!({}), None).await?;
    tx.commit().await?;
    Ok(json!({ "user": id.to_text(), "at": platform.now(), "held": held }))
}

/// A row without what lies sealed, but with the contacts in it.
fn shown(key: &Arc<DataKey>, table: &Table, mut row: Map<String, Value>) -> Result<Value, Fault> {
    let opened = opened(key, &table.name, &row)?;
    for column in &table.sealed {
        row.remove(column);
    }
    if let Some((name, text)) = opened {
        row.insert(name.to_owned(), text.into());
    }
    Ok(row.into())
}

fn opened(key: &Arc<DataKey>, table: &str, row: &Map<String, Value>) -> Result<Option<(&'static str, String)>, Fault> {
    let Some((table, id, column, name)) = OPENED.into_iter().find(|one| one.0 == table) else { return Ok(None) };
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    if table == "factor" && !text("kind").is_some_and(|kind| CONTACTS.contains(&kind)) {
        return Ok(None);
    }
    let Some((id, sealed)) = text(id).zip(text(column)) else { return Ok(None) };
    let id: Uuid = id.parse().map_err(Fault::internal)?;
    let sealed = bytes_of(sealed)?;
    Ok(open_sealed(Some(key), table, id, column, Some(&sealed))?.map(|text| (name, text)))
}

/// Bytes as PostgreSQL writes them into JSON: `\x` and hexadecimal digits.
fn bytes_of(text: &str) -> Result<Vec<u8>, Fault> {
    let digits = text.strip_prefix("\\x").ok_or_else(|| Fault::internal("bytes are not written as bytes"))?;
    (0..digits.len() / 2)
        .map(|place| u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).map_err(Fault::internal))
        .collect()
}
