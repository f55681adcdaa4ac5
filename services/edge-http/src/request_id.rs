//! The name of one request, in the logs and in the answer.

use std::sync::Arc;

use axum::http::HeaderMap;
use core_kernel::Entropy;

pub(crate) const HEADER: &str = "x-request-id";

/// The name that a proxy in front gave it, where that is harmless in a log; else a new one.
pub(crate) fn of(headers: &HeaderMap, entropy: &dyn Entropy) -> Arc<str> {
    match headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_harmless(text)) {
        Some(given) => Arc::from(given),
        None => Arc::from(made(entropy)),
    }
}

fn is_harmless(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn made(entropy: &dyn Entropy) -> String {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    core_kernel::encode_base32(&random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use core_kernel::SeededEntropy;

    #[test]
    fn a_harmless_name_is_kept_and_any_other_replaced() {
        let entropy = SeededEntropy::new(1);
        let named = |name: &'static str| {
            let headers = HeaderMap::from_iter([(HEADER.parse().unwrap(), HeaderValue::from_static(name))]);
            of(&headers, &entropy).to_string()
        };
        assert_eq!(named("0190-abc_DEF"), "0190-abc_DEF");
        for harmful in ["short", "with space here", "level=error x", "\"quoted\"xx"] {
            assert_ne!(named(harmful), harmful);
        }
        assert_eq!(of(&HeaderMap::new(), &entropy).len(), 16);
    }
}
