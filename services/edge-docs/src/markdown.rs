//! From Markdown to HTML, as GitHub would draw it, less all that could run or restyle the page.

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::links::{Target, target};

/// A document that was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    /// Its first heading.
    pub(crate) title: String,
    /// Its HTML, without the frame.
    pub(crate) html: String,
    /// Its second headings: anchor and words.
    pub(crate) headings: Vec<(String, String)>,
    /// Where its links lead, of those that lead to us.
    pub(crate) links: Vec<String>,
    /// Everything that can be pointed at.
    pub(crate) anchors: Vec<String>,
}

/// Draws the document at `path` of the repository.
pub(crate) fn draw(path: &str, text: &str) -> Drawn {
    let mut events: Vec<Event<'_>> =
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect();
    let mut drawn = Drawn {
        title: String::new(),
        html: String::new(),
        headings: Vec::new(),
        links: Vec::new(),
        anchors: Vec::new(),
    };
    name_headings(&mut events, &mut drawn);
    let events = Rewrite { path, links: &mut drawn.links, nowhere: 0 }.all(events);
    html::push_html(&mut drawn.html, events.into_iter());
    // A heading without words is none, and would be read out as one.
    drawn.html = drawn.html.replace("<th></th>", "<td></td>");
    drawn
}

/// A sentence of the schema, which may hold Markdown.
pub(crate) fn draw_sentence(text: &str) -> String {
    draw("graphql/schema.graphql", text).html
}

/// Gives every heading the anchor that GitHub gives it.
fn name_headings(events: &mut [Event<'_>], drawn: &mut Drawn) {
    for start in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = events[start] else { continue };
        let words = words_of(&events[start..]);
        let anchor = unused(&anchor_of(&words), &drawn.anchors);
        drawn.anchors.push(anchor.clone());
        match level {
            HeadingLevel::H1 if drawn.title.is_empty() => drawn.title = words,
            HeadingLevel::H2 => drawn.headings.push((anchor.clone(), words)),
            _ => {}
        }
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
            *id = Some(CowStr::from(anchor));
        }
    }
}

fn words_of(events: &[Event<'_>]) -> String {
    let inside = events.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    inside
        .filter_map(|event| if let Event::Text(text) | Event::Code(text) = event { Some(&**text) } else { None })
        .collect()
}

/// As GitHub makes it: lower case, spaces as hyphens, other marks dropped.
fn anchor_of(words: &str) -> String {
    words
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

fn unused(anchor: &str, taken: &[String]) -> String {
    let free = |name: &String| !taken.contains(name);
    let numbered = (1..).map(|number| format!("{anchor}-{number}"));
    std::iter::once(anchor.to_owned()).chain(numbered).find(free).unwrap_or_default()
}

/// Events as they may stand in a page.
struct Rewrite<'a> {
    path: &'a str,
    links: &'a mut Vec<String>,
    /// How many links are open that lead nowhere, and are drawn as the words alone.
    nowhere: usize,
}

impl Rewrite<'_> {
    fn all<'e>(mut self, events: Vec<Event<'e>>) -> Vec<Event<'e>> {
        events.into_iter().flat_map(|event| self.one(event)).collect()
    }

    fn one<'e>(&mut self, event: Event<'e>) -> Vec<Event<'e>> {
        let markup = |text: &'static str| Event::Html(text.into());
        match event {
            // HTML of a document is a text like any other.
            Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => vec![],
            Event::Start(Tag::Link { dest_url, link_type, title, id }) => match self.leads(&dest_url) {
                Some(dest_url) => vec![Event::Start(Tag::Link { dest_url, link_type, title, id })],
                None => {
                    self.nowhere += 1;
                    vec![markup("<span class=\"file\">")]
                }
            },
            Event::End(TagEnd::Link) if self.nowhere > 0 => {
                self.nowhere -= 1;
                vec![markup("</span>")]
            }
            Event::Start(Tag::Image { dest_url, link_type, title, id }) => {
                let dest_url = self.leads(&dest_url).unwrap_or("".into());
                vec![Event::Start(Tag::Image { dest_url, link_type, title, id })]
            }
            // What is wider than the page is moved within it, by the keyboard as well. Alignment would be a style.
            Event::Start(Tag::Table(columns)) => {
                let plain = vec![Alignment::None; columns.len()];
                let region = markup("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">");
                vec![region, Event::Start(Tag::Table(plain))]
            }
            Event::End(TagEnd::Table) => vec![Event::End(TagEnd::Table), markup("</div>")],
            Event::Start(Tag::CodeBlock(_)) => vec![
                markup("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Code\">"),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
            ],
            Event::End(TagEnd::CodeBlock) => vec![Event::End(TagEnd::CodeBlock), markup("</div>")],
            other => vec![other],
        }
    }

    fn leads<'e>(&mut self, link: &str) -> Option<CowStr<'e>> {
        match target(self.path, link) {
            Target::Here(page) => {
                self.links.push(page.clone());
                Some(page.into())
            }
            Target::Elsewhere => Some(link.to_owned().into()),
            Target::InRepository(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        draw("docs/errors.md", text).html
    }

    #[test]
    fn headings_are_named_as_github_names_them() {
        let drawn = draw("docs/a.md", "# A *title*\n## What `x` is, and why\n## What x is, and why\n### 5. Restarting");
        assert_eq!(drawn.title, "A title");
        assert_eq!(drawn.anchors, ["a-title", "what-x-is-and-why", "what-x-is-and-why-1", "5-restarting"]);
        assert_eq!(drawn.headings[1], ("what-x-is-and-why-1".to_owned(), "What x is, and why".to_owned()));
        assert!(drawn.html.contains("<h2 id=\"what-x-is-and-why\">"));
    }

    #[test]
    fn nothing_of_a_document_runs_or_restyles() {
        for text in
            ["<script>alert(1)</script>", "a <b onclick=\"x\">b</b>", "<style>*{}</style>", "<!-- x -->", "&lt;script>"]
        {
            let drawn = html(text);
            assert!(
                !drawn.contains("<script")
                    && !drawn.contains("<b ")
                    && !drawn.contains("<style")
                    && !drawn.contains("<!--"),
                "{drawn}"
            );
        }
        assert!(!html("| a |\n|--:|\n| 1 |").contains("style"));
        let drawn = html("[x](javascript:alert(1)) [y](data:text/html,x) ![z](https://elsewhere.example/z.png)");
        assert!(!drawn.contains("javascript:") && !drawn.contains("data:"), "{drawn}");
    }

    #[test]
    fn links_lead_to_pages_or_are_words() {
        let drawn =
            draw("docs/a.md", "[e](errors.md#codes), [h](../infra/haproxy/haproxy.cfg) and [o](https://owasp.org)");
        assert_eq!(
            drawn.html.trim(),
            "<p><a href=\"/docs/errors#codes\">e</a>, <span class=\"file\">h</span> and <a href=\"https://owasp.org\">o</a></p>"
        );
        assert_eq!(drawn.links, ["/docs/errors#codes"]);
    }

    #[test]
    fn what_may_be_wide_can_be_moved_by_the_keyboard() {
        let drawn = html("```\ncode\n```\n\n| a |\n|--|\n| 1 |");
        assert_eq!(drawn.matches("class=\"wide\" tabindex=\"0\" role=\"group\"").count(), 2);
        assert_eq!(drawn.matches("</div>").count(), 2);
        assert!(html("|  | b |\n|--|--|\n| 1 | 2 |").contains("<td></td><th>b</th>"));
    }
}
