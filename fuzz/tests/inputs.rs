//! The targets. Each is a test; what it checks stands in its file.

#[path = "inputs/assertions.rs"]
mod assertions;
#[path = "inputs/contacts.rs"]
mod contacts;
#[path = "inputs/csv_files.rs"]
mod csv_files;
#[path = "inputs/cursors.rs"]
mod cursors;
#[path = "inputs/hops.rs"]
mod hops;
#[path = "inputs/networks.rs"]
mod networks;
#[path = "inputs/scim.rs"]
mod scim;
#[path = "inputs/signatures.rs"]
mod signatures;
#[path = "inputs/urls.rs"]
mod urls;

/// Inputs longer than this say nothing that shorter ones do not.
const LONGEST: usize = 512;

/// A test that runs a target, or explores it where that is asked for.
macro_rules! target {
    ($name:ident, $check:path) => {
        #[test]
        fn $name() {
            match fuzz::time_to_explore() {
                None => fuzz::run(stringify!($name), $check),
                Some(time) => bolero::check!()
                    .with_max_len(LONGEST)
                    .with_test_time(time)
                    .for_each(|bytes: &[u8]| $check(&mut fuzz::Source::new(bytes))),
            }
        }
    };
}

target!(phone_numbers, contacts::phone_numbers);
target!(networks, networks::networks);
target!(csv_files, csv_files::csv_files);
target!(scim_filters, scim::filters);
target!(scim_patches, scim::patches);
target!(cursors, cursors::cursors);
target!(assertions, assertions::assertions);
target!(webhook_signatures, signatures::webhook_signatures);
target!(outbound_urls, urls::outbound_urls);
target!(client_addresses, hops::client_addresses);

/// A corpus that bolero does not find would be run by nobody.
#[test]
fn every_folder_of_inputs_is_a_targets() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/__fuzz__");
    let source = include_str!("inputs.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(source.contains(&format!("target!({name}, ")), "there is no target {name}");
        assert!(!fuzz::inputs_of(&name).is_empty(), "{name} has no inputs");
    }
    assert_eq!(source.matches("\ntarget!(").count(), 10, "the number that docs/assurance.md speaks of");
}
