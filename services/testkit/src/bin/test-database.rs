//! `test-database`: a migrated database of one's own, for tests in other languages that start several
//! processes of Postern on it. Prints what they need to know as one line of JSON, and drops the
//! database when its standard input ends: also when whoever started it was killed.

use std::io::Read as _;

use serde_json::json;
use testkit::{TestDatabase, test_master_key};

#[expect(clippy::print_stdout, reason = "printing is what this program is for")]
fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let database = runtime.block_on(TestDatabase::create());
    let facts = json!({
        "app": database.app_url(),
        "owner": database.owner_url(),
        "masterKey": test_master_key().to_text().as_str(),
    });
    println!("{facts}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop(database);
    Ok(())
}
