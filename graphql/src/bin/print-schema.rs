//! Prints the schema: `cargo run -p graphql --bin print-schema > graphql/schema.graphql`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(graphql::print_schema().as_bytes())
}
