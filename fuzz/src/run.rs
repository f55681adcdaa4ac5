//! Running a target: first what is kept, then what is drawn.

use std::path::{Path, PathBuf};
use std::time::Duration;

use core_kernel::{Entropy as _, SeededEntropy};

use crate::Source;

/// How many inputs a plain test run draws: so many that a target takes a second or two unoptimised.
const DRAWN: u64 = 3_000;
/// The longest input that is drawn, in bytes.
const LONGEST: usize = 512;
/// Changed when other inputs are wanted.
const SEED: u64 = 0x706f_7374_6572_6e00;

/// How long a target is to be explored, in seconds; set by `scripts/fuzz.sh`.
const SECONDS: &str = "POSTERN_FUZZ_SECONDS";

/// How long to explore, where somebody asked for it.
///
/// # Panics
/// When the variable holds no number: to run for no time, and say that all is well, would be worse.
#[must_use]
pub fn time_to_explore() -> Option<Duration> {
    let seconds = std::env::var(SECONDS).ok()?;
    Some(Duration::from_secs(seconds.parse().expect("POSTERN_FUZZ_SECONDS is a number of seconds")))
}

/// Runs a target on what is kept of it, and on inputs that are the same each time.
///
/// # Panics
/// Where it does not hold; the input is printed.
pub fn run(name: &str, target: fn(&mut Source<'_>)) {
    let kept = inputs_of(name);
    for (path, bytes) in &kept {
        try_one(&path.display().to_string(), bytes, target);
    }
    for number in 0..DRAWN {
        try_one(&format!("input {number}"), &drawn(name, number, &kept), target);
    }
}

/// Corpus and crashes of a target, each with its file, in order.
///
/// # Panics
/// When a file cannot be read.
#[must_use]
pub fn inputs_of(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/__fuzz__").join(name);
    let files = ["crashes", "corpus"].iter().filter_map(|kind| std::fs::read_dir(folder.join(kind)).ok()).flatten();
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.expect("a folder of inputs").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a file of inputs"))).collect()
}

/// Noise, or every other time one of the kept inputs with a few bytes changed.
fn drawn(name: &str, number: u64, kept: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let of_name = name.bytes().fold(SEED, |seed, byte| seed.rotate_left(7) ^ u64::from(byte));
    let mut noise = vec![0; LONGEST];
    SeededEntropy::new(of_name.wrapping_add(number)).fill(&mut noise);
    let mut source = Source::new(&noise);
    match kept {
        [_, ..] if number.is_multiple_of(2) => {
            let (_, bytes) = source.clone().pick(kept);
            [source.mutated(bytes), source.rest().to_vec()].concat()
        }
        _ => noise.split_off(LONGEST - 1 - source.below(LONGEST)),
    }
}

/// Prints the input when the target panics.
fn try_one(name: &str, bytes: &[u8], target: fn(&mut Source<'_>)) {
    let found = Found { name, bytes };
    target(&mut Source::new(bytes));
    drop(found);
}

struct Found<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

impl Drop for Found<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let hex = data_encoding::HEXLOWER.encode(self.bytes);
            eprintln!("{}: keep it as a file in the target's `crashes` (xxd -r -p): {hex}", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_inputs_are_drawn_each_time_and_others_for_another_target() {
        let drawn_for = |name: &str| (0..50).map(|number| drawn(name, number, &[])).collect::<Vec<_>>();
        assert_eq!(drawn_for("a"), drawn_for("a"));
        assert_ne!(drawn_for("a"), drawn_for("b"));
        assert!(drawn_for("a").iter().all(|input| input.len() <= LONGEST));
    }

    #[test]
    fn what_is_kept_is_drawn_with_small_changes() {
        let kept = [(PathBuf::new(), b"0123456789".to_vec())];
        let close = (0..100).filter(|number| {
            drawn("a", *number, &kept).windows(4).any(|four| b"0123456789".windows(4).any(|own| own == four))
        });
        assert!(close.count() > 30);
    }

    #[test]
    #[should_panic(expected = "first byte")]
    fn a_target_that_does_not_hold_fails() {
        run("no such target", |source| assert!(source.byte() < 200, "first byte"));
    }
}
