//! The documents that are pages, in the order in which the navigation has them.

/// A document.
pub(crate) struct Document {
    /// Where it is in the repository.
    pub(crate) path: &'static str,
    /// What the navigation calls it.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

/// Documents for the same readers.
pub(crate) struct Section {
    /// Who they are for.
    pub(crate) name: &'static str,
    pub(crate) documents: &'static [Document],
}

/// A row: path and name. What does not end in `.md` is shown as it stands.
macro_rules! documents {
    ($($path:literal, $name:literal;)*) => {
        &[$(Document { path: $path, name: $name, text: include_str!(concat!("../../../", $path)) }),*]
    };
}

/// Where the schema is in the repository; its pages are drawn by [`crate::schema`].
pub(crate) const SCHEMA: (&str, &str) = ("graphql/schema.graphql", include_str!("../../../graphql/schema.graphql"));

/// Pictures in documents.
pub(crate) const PICTURES: [(&str, &[u8]); 2] = [
    ("docs/pictures/sign-in-with-code.png", include_bytes!("../../../docs/pictures/sign-in-with-code.png")),
    ("docs/pictures/console-policy.png", include_bytes!("../../../docs/pictures/console-policy.png")),
];

pub(crate) const SECTIONS: [Section; 5] = [
    Section {
        name: "Building on it",
        documents: documents! {
            "README.md", "First steps";
            "docs/integrators.md", "Integrator's guide";
            "docs/errors.md", "Errors";
            "docs/webhooks.md", "Webhooks";
            "docs/scim.md", "SCIM";
            "docs/authorization-matrix.txt", "Who may do what";
            "docs/cross-tenant-matrix.txt", "What another tenant may do";
            "examples/clients/typescript/README.md", "Client for TypeScript";
        },
    },
    Section {
        name: "Administering a tenant",
        documents: documents! {
            "docs/onboarding.md", "Bringing clients on board";
            "docs/risk.md", "How unusual is a login?";
            "docs/company-sign-in.md", "Signing in with your company";
            "docs/partners.md", "Partners";
            "docs/accessibility.md", "Accessibility";
            "docs/privacy.md", "Privacy";
            "docs/glossary.md", "Glossary";
        },
    },
    Section {
        name: "Running it",
        documents: documents! {
            "docs/operators.md", "Operator's guide";
            "docs/configuration.md", "Configuration";
            "docs/operators-messages.md", "Messages";
            "docs/operators-billing.md", "Bills";
            "docs/operators-data.md", "Data";
            "docs/operators-keys.md", "Keys";
            "docs/operators-audit.md", "The audit log";
            "docs/operators-geoip.md", "Address databases";
            "docs/operators-seeing.md", "Seeing what it does";
            "docs/metrics.md", "Metrics";
            "docs/operators-replicas.md", "Many gateways";
            "docs/capacity.md", "Capacity";
            "docs/upgrade.md", "Upgrades";
            "infra/README.md", "Containers and machines";
            "docs/runbooks/backup-restore.md", "Runbook: backup and restore";
            "docs/runbooks/incident.md", "Runbook: incidents";
            "docs/runbooks/keys.md", "Runbook: keys";
            "docs/runbooks/upgrade.md", "Runbook: an upgrade";
        },
    },
    Section {
        name: "Trusting it",
        documents: documents! {
            "SECURITY.md", "Security";
            "docs/assurance.md", "Assurance";
            "CHANGELOG.md", "Changes";
            "CONTRIBUTING.md", "Contributing";
            "ARCHITECTURE.md", "Architecture";
        },
    },
    Section {
        name: "Decisions",
        documents: documents! {
            "docs/adr/0001-combining.md", "1. Combined calls";
            "docs/adr/0002-one-crypto-provider.md", "2. One crypto provider";
            "docs/adr/0003-sql-without-macros.md", "3. SQL without macros";
            "docs/adr/0004-administrators-are-users.md", "4. Administrators are users";
            "docs/adr/0005-history-in-the-users-row.md", "5. History";
            "docs/adr/0006-charged-where-it-is-recorded.md", "6. Charging";
            "docs/adr/0007-stripe.md", "7. Stripe";
            "docs/adr/0008-ending.md", "8. Ending";
            "docs/adr/0009-console.md", "9. The console";
            "docs/adr/0010-passkeys.md", "10. Passkeys";
            "docs/adr/0011-accounts-of-the-console.md", "11. Accounts";
            "docs/adr/0012-deployment.md", "12. Deployment";
            "docs/adr/0013-oidc.md", "13. Identity providers";
            "docs/adr/0014-telemetry.md", "14. Telemetry";
            "docs/adr/0015-many-gateways.md", "15. Many gateways";
        },
    },
];

/// All of them.
pub(crate) fn documents() -> impl Iterator<Item = &'static Document> {
    SECTIONS.iter().flat_map(|section| section.documents)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every file of these folders that a person might want to read.
    fn papers(folder: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let names = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let texts = names.map(|name| format!("{folder}{}", name.to_str().unwrap()));
        texts.filter(|name| name.ends_with(".md") || name.ends_with(".txt")).collect()
    }

    #[test]
    fn every_document_is_a_page() {
        for folder in ["", "docs/", "docs/runbooks/", "docs/adr/"] {
            for paper in papers(folder) {
                assert!(documents().any(|document| document.path == paper), "{paper} has no row in this table");
            }
        }
    }

    #[test]
    fn no_document_is_there_twice_and_each_begins_with_its_title() {
        let paths: Vec<&str> = documents().map(|document| document.path).collect();
        for (number, document) in documents().enumerate() {
            assert!(!paths[..number].contains(&document.path), "{}", document.path);
            assert!(!document.path.ends_with(".md") || document.text.starts_with("# "), "{}", document.path);
        }
    }
}
