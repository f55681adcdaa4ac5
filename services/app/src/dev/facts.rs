//! `dev.json`: what a script, a test or a person needs to know of a running `postern dev`.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::demo_site::DemoSite;
use super::seed::{Seeded, SeededAdmin, SeededPartner, SeededTenant};

/// The facts, as they are written.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    pub url: String,
    pub graphql: String,
    pub console: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo: Option<DemoFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<SeededAdmin>,
    pub roles: Vec<SeededAdmin>,
    pub partner: SeededPartner,
    pub tenants: Vec<SeededTenant>,
}

/// The demo's website.
#[derive(Debug, Serialize)]
pub(super) struct DemoFacts {
    pub url: String,
    pub users: Vec<DemoUser>,
}

/// Somebody who can sign in there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DemoUser {
    pub external_id: String,
    pub password: String,
}

impl Facts {
    pub(super) fn of(url: &str, seeded: &Seeded, site: Option<&DemoSite>) -> Self {
        let users = seeded.users.iter();
        let users =
            users.map(|user| DemoUser { external_id: user.external_id.clone(), password: user.password.clone() });
        Self {
            url: url.to_owned(),
            graphql: format!("{url}/graphql"),
            console: format!("{url}/"),
            demo: site.map(|site| DemoFacts { url: site.url().to_owned(), users: users.collect() }),
            admin: seeded.admin.clone(),
            roles: seeded.roles.clone(),
            partner: seeded.partner.clone(),
            tenants: seeded.tenants.clone(),
        }
    }
}

/// The written file, removed when this is dropped.
pub(super) struct FactsFile(PathBuf);

impl FactsFile {
    pub(super) fn write(folder: &Path, facts: &Facts) -> anyhow::Result<Self> {
        let path = folder.join("dev.json");
        write_private(&path, &serde_json::to_vec_pretty(facts)?)?;
        Ok(Self(path))
    }
}

impl Drop for FactsFile {
    fn drop(&mut self) {
        // What cannot be removed is replaced at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let draft = path.with_extension("tmp");
    let _leftover = std::fs::remove_file(&draft);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .with_context(|| draft.display().to_string())?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(&draft, path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_the_owner_reads_it_and_it_goes_with_the_process() {
        let folder = std::env::temp_dir().join(format!("postern-facts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("dev.json");
        std::fs::write(&path, "of an earlier start").unwrap();
        write_private(&path, b"{}").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
        drop(FactsFile(path.clone()));
        assert!(!path.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
