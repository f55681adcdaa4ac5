//! Real user agents, and the families they belong to.

use core_risk::DeviceFamily;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const AGENTS: &[(&str, &str)] = &[
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
        "Chrome on Windows",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
        "Chrome on macOS",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
        "Chrome on Linux",
    ),
    (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
        "Chrome on ChromeOS",
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36",
        "Chrome on Android",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/128.0.6613.98 Mobile/15E148 Safari/604.1",
        "Chrome on iOS",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.2739.67",
        "Edge on Windows",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
        "Edge on Windows",
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.6613.127 Mobile Safari/537.36 EdgA/127.0.2651.111",
        "Edge on Android",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/128.2739.60 Mobile/15E148 Safari/605.1.15",
        "Edge on iOS",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 OPR/113.0.0.0",
        "Opera on Windows",
    ),
    ("Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "Opera on Windows"),
    (
        "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
        "Samsung Internet on Android",
    ),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Windows"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
    ("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox on Android"),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 14_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/130.0 Mobile/15E148 Safari/605.1.15",
        "Firefox on iOS",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
        "Safari on iOS",
    ),
    (
        "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
        "Safari on iOS",
    ),
    // An iPad that asks for desktop pages, word for word a Mac.
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
        "Safari on macOS",
    ),
    // The same by Chrome, which gives itself away.
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/128 Version/11.1.1 Safari/605.1.15",
        "Chrome on iOS",
    ),
    (
        "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230805.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36",
        "Android WebView on Android",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/417.0.0.31.67;FBBV/475;FBDV/iPhone14,5]",
        "Facebook on iOS",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "WebKit on iOS",
    ),
    ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows"),
    ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)", "Internet Explorer on Windows"),
    (
        "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254",
        "Edge on Windows Phone",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
        "Headless Chrome on Linux",
    ),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/126.0.0.0 Safari/537.36",
        "Googlebot",
    ),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "AhrefsBot"),
    ("Twitterbot/1.0", "Twitterbot"),
    ("curl/8.5.0", "curl"),
    ("Wget/1.21.4", "Wget"),
    ("python-requests/2.32.3", "python-requests"),
    ("Go-http-client/1.1", "Go-http-client"),
    ("okhttp/4.12.0", "okhttp"),
    ("PostmanRuntime/7.41.2", "PostmanRuntime"),
    ("Apache-HttpClient/4.5.14 (Java/17.0.12)", "Apache-HttpClient"),
    ("Java1.6.0_22", "Java"),
    ("MyBank/3.1 (com.example.mybank; build:42; iOS 17.4.1) Alamofire/5.9.1", "MyBank on iOS"),
    ("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP2A.240805.005)", "Dalvik on Android"),
];

#[test]
fn real_user_agents() {
    for (agent, family) in AGENTS {
        assert_eq!(DeviceFamily::of(Some(agent)).as_str(), *family, "{agent}");
    }
}

#[test]
fn who_says_nothing_is_a_family_of_its_own() {
    for agent in [None, Some(""), Some("  \t ")] {
        let family = DeviceFamily::of(agent);
        assert!(family.is_unknown());
        assert_eq!(family.to_string(), "unknown");
    }
    assert!(!DeviceFamily::of(Some("curl/8.5.0")).is_unknown());
}

#[test]
fn names_carry_neither_addresses_nor_codes() {
    for (agent, family) in [
        ("203.0.113.7", "another program"),
        ("123456", "another program"),
        ("--", "another program"),
        ("code-123456/1", "code"),
        ("-Robot_2/1", "Robot"),
        ("<script>alert(1)</script>", "another program"),
        ("Mozilla/5.0", "Mozilla"),
        ("Ünicode/1.0", "another program"),
    ] {
        assert_eq!(DeviceFamily::of(Some(agent)).as_str(), family, "{agent}");
    }
}

#[test]
fn what_is_long_is_read_to_a_limit() {
    let name = "n".repeat(100_000);
    assert_eq!(DeviceFamily::of(Some(&name)).as_str(), "n".repeat(32));
    let robot = format!("Mozilla/5.0 ({}bot) Chrome/1 Windows", "r".repeat(200));
    assert_eq!(DeviceFamily::of(Some(&robot)).as_str(), "Chrome on Windows");
    let wide = format!("curl/{} Windows", "é".repeat(1_000));
    assert_eq!(DeviceFamily::of(Some(&wide)).as_str(), "curl");
}

/// Anything at all, and what looks a little like a user agent.
fn any_text() -> impl Strategy<Value = String> {
    let letters = vec(
        prop_oneof![4 => select(b"Mozila/5.0 (;)ABCxyz-_".to_vec()).prop_map(char::from), 1 => any::<char>()],
        0..80,
    );
    (any::<bool>(), letters).prop_map(|(browser, letters)| {
        let text: String = letters.into_iter().collect();
        if browser { format!("Mozilla/5.0 {text}") } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_version_matters(index in 0..AGENTS.len(), digit in proptest::char::range('0', '9')) {
        let (agent, family) = AGENTS[index];
        let updated: String = agent.chars().map(|old| if old.is_ascii_digit() { digit } else { old }).collect();
        let grown: String = agent.chars().map(|old| if old == '.' { format!("{digit}.") } else { old.into() }).collect();
        for agent in [updated, grown] {
            prop_assert_eq!(DeviceFamily::of(Some(&agent)).to_string(), family);
        }
    }

    #[test]
    fn any_text_has_a_short_family_without_digits(agent in any_text()) {
        let family = DeviceFamily::of(Some(&agent));
        prop_assert!(!family.as_str().is_empty() && family.as_str().len() <= 64);
        prop_assert!(family.as_str().chars().all(|letter| letter.is_ascii() && !letter.is_ascii_digit()));
    }
}
