//! On what a login is made, from the user agent: the browser and the system, never a version, so that
//! an update is no new device.
//!
//! A user agent proves nothing — anybody can send any. It is worth something because whoever steals a
//! password seldom knows what its owner uses. Only letters of it are kept: a family is shown to people,
//! and must not carry an address or a code there.
//!
//! To add a browser or a system: a line in its table below.

use std::borrow::Cow;
use std::fmt;

/// What a user agent is read of at most, in bytes.
const READ_BYTES: usize = 1_024;
/// The longest name that a program gives itself, in bytes.
const NAME_BYTES: usize = 32;

const UNKNOWN: &str = "unknown";
const NAMELESS: &str = "another program";

/// Words by which browsers are known. Most claim to be several: the first line of the table wins.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("EdgA", "Edge"),
    ("EdgiOS", "Edge"),
    ("Edge", "Edge"),
    ("OPR", "Opera"),
    ("OPT", "Opera"),
    ("OPX", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("YaBrowser", "Yandex Browser"),
    ("UCBrowser", "UC Browser"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Ddg", "DuckDuckGo"),
    ("FBAN", "Facebook"),
    ("FBAV", "Facebook"),
    ("Instagram", "Instagram"),
    ("GSA", "Google app"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Headless Chrome"),
    ("wv", "Android WebView"),
    ("Chrome", "Chrome"),
    ("MSIE", "Internet Explorer"),
    ("Trident", "Internet Explorer"),
    ("Safari", "Safari"),
    ("AppleWebKit", "WebKit"),
];

/// Words by which systems are known; again the first line wins. An iPad's browser that asks for
/// desktop pages says that it is a Mac, and Safari's cannot be told from one.
const SYSTEMS: &[(&str, &str)] = &[
    ("Phone", "Windows Phone"),
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("iPod", "iOS"),
    ("iOS", "iOS"),
    ("CriOS", "iOS"),
    ("FxiOS", "iOS"),
    ("EdgiOS", "iOS"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Tizen", "Tizen"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
];

/// How the names of robots end.
const ROBOTS: &[&str] = &["bot", "Bot", "spider", "Spider", "crawler", "Crawler"];

/// A kind of device, such as "Chrome on Windows".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceFamily(Cow<'static, str>);

impl DeviceFamily {
    /// The family of those who send no user agent.
    pub const UNKNOWN: Self = Self(Cow::Borrowed(UNKNOWN));

    /// The family of a user agent; an absent or empty one is [`Self::UNKNOWN`].
    #[must_use]
    pub fn of(user_agent: Option<&str>) -> Self {
        let agent = user_agent.unwrap_or_default().trim();
        if agent.is_empty() {
            return Self::UNKNOWN;
        }
        let agent = &agent[..agent.floor_char_boundary(READ_BYTES)];
        let name = if agent.starts_with("Mozilla/") { browser(agent) } else { leading_name(agent) };
        match known(SYSTEMS, agent) {
            Some(system) => Self(format!("{name} on {system}").into()),
            None => Self(name.to_owned().into()),
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was said about the device.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::UNKNOWN
    }
}

impl fmt::Display for DeviceFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn browser(agent: &str) -> &str {
    robot(agent).or_else(|| known(BROWSERS, agent)).unwrap_or_else(|| leading_name(agent))
}

fn robot(agent: &str) -> Option<&str> {
    words(agent).find(|word| word.len() <= NAME_BYTES && ROBOTS.iter().any(|end| word.ends_with(end)))
}

/// What a program that is no browser calls itself: `curl` of `curl/8.5.0`.
fn leading_name(agent: &str) -> &str {
    let end = agent.bytes().take(NAME_BYTES).take_while(|byte| byte.is_ascii_alphabetic() || b"-_".contains(byte));
    let name = agent[..end.count()].trim_matches(['-', '_']);
    if name.is_empty() { NAMELESS } else { name }
}

fn known(table: &[(&str, &'static str)], agent: &str) -> Option<&'static str> {
    let rank = |word| table.iter().position(|(known, _)| *known == word);
    words(agent).filter_map(rank).min().map(|first| table[first].1)
}

/// Runs of letters; digits part them, so that no version is part of a word.
fn words(agent: &str) -> impl Iterator<Item = &str> {
    agent.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}
