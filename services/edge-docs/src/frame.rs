//! What stands around every page.

use crate::links::address;
use crate::table::SECTIONS;

const MARK: &str = include_str!("../assets/mark.svg");

/// Text as it may stand in a page.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A whole page; `here` is its address, for the navigation.
pub(crate) fn page(here: &str, title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · Postern</title>\n<link rel=\"icon\" href=\"/favicon.svg\">\n\
         <link rel=\"stylesheet\" href=\"/docs/style.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the text</a>\n\
         <header><a class=\"brand\" href=\"/docs\">{MARK}Postern</a><a class=\"to-contents\" href=\"#contents\">All pages</a></header>\n\
         <main id=\"content\" tabindex=\"-1\">\n{body}</main>\n{}</body>\n</html>\n",
        navigation(here),
        title = escape(title),
    )
}

fn navigation(here: &str) -> String {
    let mut html = "<nav id=\"contents\" aria-label=\"All pages\">\n".to_owned();
    for section in &SECTIONS {
        html += &format!("<h2>{}</h2>\n<ul>\n", escape(section.name));
        for document in section.documents {
            html += &item(here, &address(document.path), document.name);
            // The schema is no document, and stands behind the guide that speaks of it.
            if document.path == "docs/integrators.md" {
                html += &item(here, "/docs/schema", "The schema");
            }
        }
        html += "</ul>\n";
    }
    html + "<p><a href=\"/\">The console</a></p>\n</nav>\n"
}

fn item(here: &str, address: &str, name: &str) -> String {
    let current = if address == here { " aria-current=\"page\"" } else { "" };
    format!("<li><a href=\"{address}\"{current}>{}</a></li>\n", escape(name))
}

/// The second headings of a long page, to go to.
pub(crate) fn on_this_page(headings: &[(String, String)]) -> String {
    if headings.len() < 3 {
        return String::new();
    }
    let items: String = headings
        .iter()
        .map(|(anchor, words)| format!("<li><a href=\"#{anchor}\">{}</a></li>\n", escape(words)))
        .collect();
    format!("<details class=\"on-this-page\">\n<summary>On this page</summary>\n<ul>\n{items}</ul>\n</details>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_and_knows_where_it_is() {
        let page = page("/docs/errors", "Errors & <such>", "<h1>x</h1>");
        assert!(page.contains("<title>Errors &amp; &lt;such&gt; · Postern</title>"));
        assert!(page.contains("<a href=\"/docs/errors\" aria-current=\"page\">Errors</a>"));
        assert_eq!(page.matches("aria-current").count(), 1);
        assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<style"));
    }

    #[test]
    fn only_a_long_page_lists_its_headings() {
        let heading = |name: &str| (name.to_owned(), name.to_owned());
        assert_eq!(on_this_page(&[heading("a"), heading("b")]), "");
        assert!(on_this_page(&[heading("a"), heading("b"), heading("c")]).contains("<a href=\"#c\">c</a>"));
    }
}
