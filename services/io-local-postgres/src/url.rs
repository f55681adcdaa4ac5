//! Connection URLs in the form that sqlx reads.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use core_kernel::Redacted;

use crate::PORT;

/// A URL by socket; the host name before the query is never resolved.
pub(crate) fn connection_url(socket_dir: &Path, database: &str, user: &str, password: &str) -> Redacted<String> {
    let [user, password, database] = [user, password, database].map(|part| escape(part.as_bytes()));
    let socket_dir = escape(socket_dir.as_os_str().as_bytes());
    Redacted::new(format!("postgres://{user}:{password}@localhost:{PORT}/{database}?host={socket_dir}"))
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn escape(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    bytes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_would_break_the_url() {
        let url = connection_url(Path::new("/a b/ü?&#"), "d/b", "u@x", "p:w%");
        let expected = "postgres://u%40x:p%3Aw%25@localhost:54329/d%2Fb?host=%2Fa%20b%2F%C3%BC%3F%26%23";
        assert_eq!(url.expose(), expected);
    }
}
