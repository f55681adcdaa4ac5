//! Making the data folder, once.

use std::fs;

use core_kernel::{Entropy, Redacted};

use crate::error::Context;
use crate::place::{Place, write_private};
use crate::{Binaries, Error, SUPERUSER};

/// Runs `initdb` unless there are data. It works in a folder of its own that is renamed when
/// everything is there, so that a crash in between leaves nothing that looks like data.
pub(crate) fn unless_done(place: &Place, binaries: &Binaries, entropy: &dyn Entropy) -> Result<(), Error> {
    if place.data_major().is_some() {
        return Ok(());
    }
    let password = random_hex(entropy, 32);
    place.write_password(&password)?;
    let fresh = place.base().join("data.new");
    remove_if_there(&fresh)?;
    fs::create_dir(&fresh).context("cannot create", &fresh)?;
    place.account().give(&fresh).context("cannot give away", &fresh)?;
    initdb(place, binaries, &password)?;
    let data = place.data();
    fs::rename(&fresh, &data).context("cannot put in place", &data)?;
    fs::File::open(place.base()).and_then(|folder| folder.sync_all()).context("cannot sync", place.base())
}

fn initdb(place: &Place, binaries: &Binaries, password: &Redacted<String>) -> Result<(), Error> {
    let fresh = place.base().join("data.new");
    // A real file of the account's own: initdb reads no pipe, and not the caller's private one.
    let password_file = place.base().join("initdb-password");
    write_private(&password_file, password.expose())?;
    place.account().give(&password_file).context("cannot give away", &password_file)?;
    let mut command = place.account().command(&binaries.program("initdb"), place.base());
    command.arg("-D").arg(&fresh).arg("-U").arg(SUPERUSER).arg("--pwfile").arg(&password_file);
    command.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"]);
    let output = command.output();
    let _ = fs::remove_file(&password_file);
    let output = output.context("cannot run", &binaries.program("initdb"))?;
    if output.status.success() {
        return Ok(());
    }
    remove_if_there(&fresh)?;
    Err(Error::Program { program: "initdb", detail: last_lines(&String::from_utf8_lossy(&output.stderr)) })
}

fn remove_if_there(folder: &std::path::Path) -> Result<(), Error> {
    if folder.exists() { fs::remove_dir_all(folder).context("cannot remove", folder) } else { Ok(()) }
}

/// `bytes` random bytes in hexadecimal.
pub(crate) fn random_hex(entropy: &dyn Entropy, bytes: usize) -> Redacted<String> {
    let mut random = vec![0_u8; bytes];
    entropy.fill(&mut random);
    Redacted::new(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a program said last, on one line.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(6)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::{SeededEntropy, SystemEntropy};

    #[test]
    fn passwords_differ_and_do_not_print() {
        let (one, two) = (random_hex(&SystemEntropy, 32), random_hex(&SystemEntropy, 32));
        assert_ne!(one.expose(), two.expose());
        assert_eq!((one.expose().len(), format!("{one:?}").as_str()), (64, "[redacted]"));
        assert_eq!(random_hex(&SeededEntropy::new(1), 4), random_hex(&SeededEntropy::new(1), 4));
    }

    #[test]
    fn reports_only_what_was_said_last() {
        assert_eq!(last_lines("a\n\nb\n"), "a | b");
        assert_eq!(last_lines("1\n2\n3\n4\n5\n6\n7\n"), "2 | 3 | 4 | 5 | 6 | 7");
        assert_eq!(last_lines(""), "");
    }
}
