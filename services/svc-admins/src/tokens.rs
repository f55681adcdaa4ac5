//! Tokens of invitations, of links for a new password, of sign-ins that have one step behind them, and of sessions: 256 random
//! bits each, stored as SHA-256.

use core_crypto::digest_token;

/// Of an invitation.
pub(crate) const INVITATION: &str = "invite";
/// Of a link for a new password.
pub(crate) const RECOVERY: &str = "recover";
/// Of a sign-in whose second step is to come.
pub(crate) const HALF_WAY: &str = "signin";
/// Of a session.
pub(crate) const SESSION: &str = "session";

/// 32 bytes as base64url.
const SECRET_CHARS: usize = 43;

/// What a token is stored as; none for a text that is no token of this kind, which costs no look-up.
pub(crate) fn digest_of(prefix: &str, text: &str) -> Option<[u8; 32]> {
    let secret = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let well_formed = secret.len() == SECRET_CHARS
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    well_formed.then(|| digest_token(text))
}

/// The identifier of a method for the second step: the token that the first step earned, and the method.
pub(crate) fn join(half_way: &str, method: &str) -> String {
    format!("{half_way}.{method}")
}

/// The digest of the token and the method.
pub(crate) fn split(identifier: &str) -> Option<([u8; 32], &str)> {
    let (token, method) = identifier.split_once('.')?;
    Some((digest_of(HALF_WAY, token)?, method))
}

#[cfg(test)]
mod tests {
    use core_crypto::SecretToken;
    use core_kernel::SeededEntropy;

    use super::*;

    #[test]
    fn a_token_of_another_kind_is_none() {
        let token = SecretToken::generate(HALF_WAY, &SeededEntropy::new(1));
        assert_eq!(digest_of(HALF_WAY, token.expose()), Some(token.digest()));
        assert_eq!(digest_of(SESSION, token.expose()), None);
        for bad in ["", "signin", "signin_", &token.expose()[..49], &format!("{}A", token.expose())] {
            assert_eq!(digest_of(HALF_WAY, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_method_travels_with_the_token() {
        let token = SecretToken::generate(HALF_WAY, &SeededEntropy::new(1));
        assert_eq!(split(&join(token.expose(), "method_x")), Some((token.digest(), "method_x")));
        assert_eq!(split("method_x"), None);
        assert_eq!(split("signin_x.method_x"), None);
    }
}
