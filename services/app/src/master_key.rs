//! Where the master key comes from: a file, the environment, or a command that asks a key service.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use core_crypto::MasterKey;
use core_kernel::Redacted;
use svc_platform::MasterSource;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::config::Config;

/// The most that a command may print: some keys.
const MOST_PRINTED: usize = 64 << 10;

/// Reads the master key.
///
/// # Errors
/// When no source is named, or more than one, or it gives no key.
pub async fn master_key(config: &Config) -> anyhow::Result<MasterKey> {
    let named = [config.keys_master_file.is_some(), config.keys_master.is_some(), config.keys_master_command.is_some()];
    anyhow::ensure!(
        named.into_iter().filter(|named| *named).count() <= 1,
        "only one of keys.master_file, keys.master and keys.master_command names the master key"
    );
    if let Some(command) = &config.keys_master_command {
        let seconds = Duration::from_secs(config.keys_master_command_seconds.into());
        return from_command(command, config.keys_master_wrapped_file.as_deref(), seconds).await;
    }
    if let Some(key) = &config.keys_master {
        return MasterKey::parse(key.expose()).context("keys.master");
    }
    let path = config.keys_master_file.as_ref();
    let path = path.context("keys.master_file is not set; `postern keys new-master` makes a key")?;
    let text = tokio::fs::read_to_string(path).await.with_context(|| format!("keys.master_file {}", path.display()))?;
    MasterKey::parse(Redacted::new(text).expose()).with_context(|| format!("keys.master_file {}", path.display()))
}

/// The same, read anew whenever something lies under a key that is not known yet.
#[must_use]
pub fn master_source(config: &Config) -> MasterSource {
    let config = config.clone();
    MasterSource::new(move || {
        let config = config.clone();
        Box::pin(async move { master_key(&config).await.map_err(|error| format!("{error:#}")) })
    })
}

/// What a command prints of what it is given. Neither is logged, nor is what it says on standard error, which is
/// the process's own.
async fn from_command(command: &str, wrapped: Option<&Path>, within: Duration) -> anyhow::Result<MasterKey> {
    let wrapped = match wrapped {
        Some(path) => {
            tokio::fs::read(path).await.with_context(|| format!("keys.master_wrapped_file {}", path.display()))?
        }
        None => Vec::new(),
    };
    let printed = tokio::time::timeout(within, printed(command, &wrapped)).await;
    let printed = printed.with_context(|| format!("keys.master_command did not answer within {within:?}"))??;
    MasterKey::parse(printed.expose()).context("keys.master_command printed something else")
}

async fn printed(command: &str, wrapped: &[u8]) -> anyhow::Result<Redacted<String>> {
    let mut words = command.split_whitespace();
    let program = words.next().context("keys.master_command names no program")?;
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("keys.master_command {program}"))?;
    let mut stdin = child.stdin.take().context("keys.master_command has no standard input")?;
    // It may well answer without having read it all.
    let given = async move {
        let _ = stdin.write_all(wrapped).await;
    };
    let ((), output) = tokio::join!(given, child.wait_with_output());
    let output = output.context("keys.master_command")?;
    anyhow::ensure!(output.status.success(), "keys.master_command failed: {}", output.status);
    anyhow::ensure!(output.stdout.len() <= MOST_PRINTED, "keys.master_command printed too much");
    Ok(Redacted::new(String::from_utf8(output.stdout).context("keys.master_command printed no text")?))
}

#[cfg(test)]
mod tests {
    use core_kernel::SystemEntropy;

    use super::*;

    fn config(more: &[(&str, String)]) -> Config {
        let environment = more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        crate::config::load(&crate::config::Sources { file: None, environment }).unwrap()
    }

    async fn fails(more: &[(&str, String)]) -> String {
        format!("{:#}", master_key(&config(more)).await.unwrap_err())
    }

    #[tokio::test]
    async fn it_comes_from_a_file_the_environment_or_a_command() {
        let key = MasterKey::generate(&SystemEntropy);
        let folder = std::env::temp_dir().join(format!("postern-master-{}-{}", std::process::id(), key.id()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("key");
        std::fs::write(&file, key.to_text().as_str()).unwrap();
        let path = file.to_str().unwrap().to_owned();
        for source in [
            vec![("POSTERN_KEYS__MASTER_FILE", path.clone())],
            vec![("POSTERN_KEYS__MASTER", key.to_text().to_string())],
            // A key service that wraps by doing nothing: what it is given comes out.
            vec![
                ("POSTERN_KEYS__MASTER_COMMAND", "cat".to_owned()),
                ("POSTERN_KEYS__MASTER_WRAPPED_FILE", path.clone()),
            ],
            vec![("POSTERN_KEYS__MASTER_COMMAND", format!("cat {path}"))],
        ] {
            assert_eq!(master_key(&config(&source)).await.unwrap().id(), key.id(), "{}", source[0].0);
        }
        assert!(
            fails(&[("POSTERN_KEYS__MASTER_FILE", path), ("POSTERN_KEYS__MASTER", "x".to_owned())])
                .await
                .contains("only one")
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn what_fails_says_how_and_shows_nothing() {
        assert!(fails(&[]).await.contains("new-master"));
        let command = |text: &str| ("POSTERN_KEYS__MASTER_COMMAND", text.to_owned());
        assert!(fails(&[command("false")]).await.contains("failed"));
        assert!(fails(&[command("/no/such/program")]).await.contains("/no/such/program"));
        let told = fails(&[command("echo secret-but-no-key")]).await;
        assert!(told.contains("something else") && !told.contains("secret-but-no-key"), "{told}");
        let slow = ("POSTERN_KEYS__MASTER_COMMAND_SECONDS", "1".to_owned());
        assert!(fails(&[command("sleep 600"), slow]).await.contains("within 1s"));
    }
}
