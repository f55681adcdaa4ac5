//! Every page, drawn once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::frame::{escape, on_this_page};
use crate::links::address;
use crate::markdown::{Drawn, draw};
use crate::table::{Document, SECTIONS, documents};
use crate::{frame, schema};

/// A page without its frame.
pub(crate) struct Page {
    title: String,
    body: String,
}

impl Page {
    pub(crate) fn new(title: &str, body: String) -> Self {
        Self { title: title.to_owned(), body }
    }
}

/// All pages, by their address.
pub(crate) struct Library(BTreeMap<String, Page>);

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::draw);

impl Library {
    /// The one of this process, drawn when it is first asked for.
    pub(crate) fn of_process() -> &'static Self {
        &LIBRARY
    }

    fn draw() -> Self {
        let pages = documents().map(|document| (address(document.path), document_page(document)));
        let first = [("/docs".to_owned(), first_page())];
        Self(first.into_iter().chain(pages).chain(schema::pages()).collect())
    }

    /// The page at an address, in its frame.
    pub(crate) fn page(&self, address: &str) -> Option<String> {
        let page = self.0.get(address)?;
        Some(frame::page(address, &page.title, &page.body))
    }
}

fn document_page(document: &Document) -> Page {
    if !document.path.ends_with(".md") {
        let body = format!(
            "<h1>{}</h1>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><pre>{}</pre></div>\n",
            escape(document.name),
            escape(document.text),
        );
        return Page::new(document.name, body);
    }
    let drawn = draw(document.path, document.text);
    let body = with_headings(&drawn);
    Page::new(if drawn.title.is_empty() { document.name } else { &drawn.title }, body)
}

/// The list of headings stands behind the title.
fn with_headings(drawn: &Drawn) -> String {
    let list = on_this_page(&drawn.headings);
    match drawn.html.split_once("</h1>\n") {
        Some((title, rest)) => format!("{title}</h1>\n{list}{rest}"),
        None => drawn.html.clone(),
    }
}

fn first_page() -> Page {
    let version = env!("CARGO_PKG_VERSION");
    let mut body = format!(
        "<h1>Documents of Postern {version}</h1>\n<p>An open control plane for two-factor authentication: what follows \
         is for whoever builds on it, administers a tenant, or runs it. It is what this version does, from the server \
         itself.</p>\n<div class=\"sections\">\n"
    );
    for section in &SECTIONS {
        body += &format!("<section>\n<h2>{}</h2>\n<ul>\n", escape(section.name));
        for document in section.documents {
            body += &format!("<li><a href=\"{}\">{}</a></li>\n", address(document.path), escape(document.name));
        }
        body += "</ul>\n</section>\n";
    }
    body += "<section>\n<h2>The schema</h2>\n<ul>\n";
    for (address, name) in schema::ROOTS {
        body += &format!("<li><a href=\"{address}\">{name}</a></li>\n");
    }
    body += "</ul>\n</section>\n</div>\n";
    Page::new("Documents", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `href` and `src` of a page.
    fn links(page: &str) -> Vec<&str> {
        let after = ["href=\"", "src=\""].iter().flat_map(|name| page.split(name).skip(1));
        after.filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_link_leads_to_a_page_and_to_something_on_it() {
        let library = Library::of_process();
        let known = |page: &str| {
            ["/", "/favicon.svg", "/docs/style.css"].contains(&page) || page.starts_with("/docs/pictures/")
        };
        for address in library.0.keys() {
            let page = library.page(address).unwrap();
            for link in links(&page).into_iter().filter(|link| !link.starts_with("https://")) {
                let (to, anchor) = link.split_once('#').unwrap_or((link, ""));
                let to = if to.is_empty() { address } else { to };
                let there = library.page(to);
                assert!(there.is_some() || known(to), "{address} links to {link}");
                let is_there = there.is_some_and(|page| page.contains(&format!("id=\"{anchor}\"")));
                assert!(anchor.is_empty() || is_there, "{address} links to {link}, which has no such place");
            }
        }
    }

    #[test]
    fn no_page_runs_or_loads_anything() {
        let library = Library::of_process();
        for address in library.0.keys() {
            let page = library.page(address).unwrap();
            for bad in ["<script", "<style", " style=", "<iframe", "src=\"http", " onclick"] {
                assert!(!page.contains(bad), "{address}: {bad}");
            }
            assert_eq!(page.matches("<h1").count(), 1, "{address}");
        }
    }

    #[test]
    fn what_people_look_for_is_there() {
        let library = Library::of_process();
        for (address, words) in [
            ("/docs", "Documents of Postern"),
            ("/docs/errors", "RATE_LIMITED"),
            ("/docs/webhooks", "login.completed"),
            ("/docs/configuration", "POSTERN_"),
            ("/docs/authorization-matrix", "evaluateLogin"),
            ("/docs/schema", "Queries"),
            ("/docs/schema/Mutation", "id=\"evaluateLogin\""),
        ] {
            let page = library.page(address).unwrap_or_else(|| panic!("there is no {address}"));
            assert!(page.contains(words), "{address}: {words}");
        }
        assert!(library.page("/docs/nothing").is_none());
    }
}
