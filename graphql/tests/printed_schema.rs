//! The committed schema is what the code prints.

#[test]
fn the_committed_schema_is_current() {
    let committed = include_str!("../schema.graphql");
    assert!(
        committed == graphql::print_schema(),
        "run `cargo run -q -p graphql --bin print-schema > graphql/schema.graphql`"
    );
}
