//! The cookie that ties a prompt to the browser that opened it. One for each prompt, so that two windows
//! do not end each other.
//!
//! SameSite is Lax, since the browser arrives by a redirect from the integrator's site; a form of another
//! site is never accompanied by it.

use axum::http::{HeaderMap, header};
use core_kernel::{PromptId, Redacted};

/// Longer than any token of ours.
const MAX_TOKEN: usize = 128;

/// `__Host-` ties it to this origin, by rule of the browser.
fn name(prompt: PromptId) -> String {
    format!("__Host-prompt-{}", prompt.0.simple())
}

/// The header that sets it, until the browser is closed.
pub(crate) fn set(prompt: PromptId, browser: &Redacted<String>) -> String {
    format!("{}={}; Path=/; Secure; HttpOnly; SameSite=Lax", name(prompt), browser.expose())
}

/// The token that this browser holds for a prompt.
pub(crate) fn get(headers: &HeaderMap, prompt: PromptId) -> Option<Redacted<String>> {
    let wanted = name(prompt);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, token)| *name == wanted && token.len() <= MAX_TOKEN)?;
    Some(Redacted::new(token.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use core_kernel::{SystemClock, SystemEntropy};

    #[test]
    fn a_browser_may_hold_several() {
        let now = core_kernel::Clock::now(&SystemClock);
        let (one, two) = (PromptId::new(&SystemEntropy, now), PromptId::new(&SystemEntropy, now));
        let pair = |prompt, token: &str| {
            let set = set(prompt, &Redacted::new(token.to_owned()));
            set.split(';').next().unwrap().to_owned()
        };
        let mut headers = HeaderMap::new();
        let both = format!("x=y; {}; {}", pair(one, "first"), pair(two, "second"));
        headers.insert(header::COOKIE, HeaderValue::try_from(both).unwrap());
        assert_eq!(get(&headers, one).unwrap().expose(), "first");
        assert_eq!(get(&headers, two).unwrap().expose(), "second");
        assert!(get(&headers, PromptId::new(&SystemEntropy, now)).is_none());
    }
}
