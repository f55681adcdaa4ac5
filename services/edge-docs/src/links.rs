//! Where a link of a document leads: to a page, to somewhere else, or, where it names a file that is no page, nowhere.

use crate::table::{PICTURES, SCHEMA, documents};

/// What a link becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A page or picture of ours.
    Here(String),
    /// A page of the internet.
    Elsewhere,
    /// A file or folder of the repository that is not served: the path within it.
    InRepository(String),
}

/// The address of a document's page: its path in lower case, without `docs/` and its ending.
pub(crate) fn address(path: &str) -> String {
    let short = path.strip_prefix("docs/").unwrap_or(path);
    let short = short.strip_suffix(".md").or_else(|| short.strip_suffix(".txt")).unwrap_or(short);
    format!("/docs/{}", short.to_lowercase())
}

/// Where a link of the document at `from` leads.
pub(crate) fn target(from: &str, link: &str) -> Target {
    if link.starts_with("https://") || link.starts_with("mailto:") {
        return Target::Elsewhere;
    }
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
    let path = if path.is_empty() { from.to_owned() } else { joined(from, path) };
    let page = match &*path {
        path if path == SCHEMA.0 => "/docs/schema".to_owned(),
        "docs/runbooks" => address("docs/runbooks/incident.md"),
        "docs/adr" => address("docs/adr/0001-combining.md"),
        path if documents().any(|document| document.path == path) => address(path),
        path if PICTURES.iter().any(|(picture, _)| *picture == path) => format!("/{path}"),
        _ => return Target::InRepository(path),
    };
    Target::Here(fragment.map_or(page.clone(), |fragment| format!("{page}#{fragment}")))
}

/// A path relative to the folder of the document at `from`.
fn joined(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_short_addresses() {
        for (path, page) in [
            ("docs/errors.md", "/docs/errors"),
            ("docs/runbooks/keys.md", "/docs/runbooks/keys"),
            ("SECURITY.md", "/docs/security"),
            ("docs/authorization-matrix.txt", "/docs/authorization-matrix"),
            ("infra/README.md", "/docs/infra/readme"),
        ] {
            assert_eq!(address(path), page);
        }
    }

    #[test]
    fn links_lead_where_they_would_in_the_repository() {
        let here = |text: &str| Target::Here(text.to_owned());
        for (from, link, leads) in [
            ("docs/integrators.md", "errors.md", here("/docs/errors")),
            ("docs/integrators.md", "../graphql/schema.graphql", here("/docs/schema")),
            ("docs/integrators.md", "#webhooks", here("/docs/integrators#webhooks")),
            ("docs/runbooks/keys.md", "../operators-keys.md#master", here("/docs/operators-keys#master")),
            ("README.md", "docs/pictures/console-policy.png", here("/docs/pictures/console-policy.png")),
            ("SECURITY.md", "https://owasp.org", Target::Elsewhere),
            (
                "docs/operators.md",
                "../infra/haproxy/haproxy.cfg",
                Target::InRepository("infra/haproxy/haproxy.cfg".to_owned()),
            ),
        ] {
            assert_eq!(target(from, link), leads, "{from}: {link}");
        }
    }
}
