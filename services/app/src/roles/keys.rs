//! `postern keys`: the master key's file.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use core_crypto::MasterKey;
use core_kernel::SystemEntropy;

use crate::config::Config;

/// Makes the master key's file; with `next`, writes another key behind those that are there.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) fn new_master(config: &Config, next: bool) -> anyhow::Result<()> {
    let path = config.keys_master_file.as_ref().context("keys.master_file is not set: where shall it be?")?;
    if next {
        let mut file =
            std::fs::OpenOptions::new().append(true).open(path).with_context(|| path.display().to_string())?;
        write_key(&mut file)?;
        println!(
            "{} holds one more key. Bring the file to every machine, then: postern keys rotate master",
            path.display()
        );
        return Ok(());
    }
    anyhow::ensure!(write_master(path)?, "{} is there already; it was left as it is", path.display());
    println!("{} holds a new master key. Keep a copy of it elsewhere: without it no secret opens.", path.display());
    Ok(())
}

/// Writes a new key where there is no file; whether it did.
pub(crate) fn write_master(path: &Path) -> anyhow::Result<bool> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    write_key(&mut file)?;
    Ok(true)
}

/// On a line of its own, whether or not the one before was ended.
fn write_key(file: &mut std::fs::File) -> anyhow::Result<()> {
    let begun = file.metadata()?.len() > 0;
    let key = MasterKey::generate(&SystemEntropy);
    writeln!(file, "{}{}", if begun { "\n" } else { "" }, key.to_text().as_str())?;
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_key_stands_behind_the_one_that_seals() {
        let path = std::env::temp_dir().join(format!("postern-next-master-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        assert!(write_master(&path).unwrap() && !write_master(&path).unwrap());
        let first = MasterKey::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // As an editor may leave it.
        std::fs::write(&path, first.to_text().as_str()).unwrap();
        write_key(&mut std::fs::OpenOptions::new().append(true).open(&path).unwrap()).unwrap();
        let both = MasterKey::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(both.id() == first.id() && both.newest().id() != first.id());
        std::fs::remove_file(&path).unwrap();
    }
}
