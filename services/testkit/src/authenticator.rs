//! A software authenticator for tests: it makes one passkey and signs with it, as a security key and a
//! browser together would, and lies wherever a test wants it to.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// What browser and authenticator say in one ceremony; honest unless a test changes it.
#[derive(Debug, Clone)]
pub struct Said {
    /// `webauthn.create` or `webauthn.get`.
    pub kind: String,
    /// As it was asked, base64url.
    pub challenge: String,
    /// Of the page.
    pub origin: String,
    /// Whether the page stood within another site's.
    pub cross_origin: bool,
    /// Of whose digest the authenticator speaks.
    pub rp_id: String,
    /// Whether somebody touched it.
    pub user_present: bool,
    /// Whether it knows who.
    pub user_verified: bool,
    /// How often it has signed.
    pub sign_count: u32,
    /// Whose passkey it says it is; none: it does not say.
    pub user_handle: Option<Vec<u8>>,
    /// Whether the signature is spoilt.
    pub is_forged: bool,
}

/// One passkey.
#[derive(Debug)]
pub struct SoftAuthenticator {
    key: EcdsaKeyPair,
    credential_id: Vec<u8>,
    handle: Vec<u8>,
    sign_count: u32,
    counts: bool,
    verifies: bool,
}

impl Default for SoftAuthenticator {
    fn default() -> Self {
        Self::new()
    }
}

impl SoftAuthenticator {
    /// A new key, which counts and knows its user.
    ///
    /// # Panics
    /// When no key can be made.
    #[must_use]
    pub fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let credential_id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self { key, credential_id, handle: Vec::new(), sign_count: 0, counts: true, verifies: true }
    }

    /// The same without PIN or finger: it only wants to be touched.
    #[must_use]
    pub fn knowing_nobody(self) -> Self {
        Self { verifies: false, ..self }
    }

    /// The same with a counter that stays at 0.
    #[must_use]
    pub fn counting_nothing(self) -> Self {
        Self { counts: false, ..self }
    }

    /// The credential's identifier.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// Answers `PublicKeyCredentialCreationOptions` honestly.
    pub fn create(&mut self, options: &Value, origin: &str) -> Value {
        self.create_saying(options, origin, |_| {})
    }

    /// Answers them after `lie` changed what is said.
    pub fn create_saying(&mut self, options: &Value, origin: &str, lie: impl FnOnce(&mut Said)) -> Value {
        self.handle = unbase64(&options["user"]["id"]);
        let mut said = self.says("webauthn.create", options, &options["rp"]["id"], origin);
        lie(&mut said);
        let data = [self.authenticator_data(&said, ATTESTED), self.attested()].concat();
        let object = cbor::map(&[
            (cbor::text("fmt"), cbor::text("none")),
            (cbor::text("attStmt"), cbor::map(&[])),
            (cbor::text("authData"), cbor::bytes(&data)),
        ]);
        self.credential(json!({
            "clientDataJSON": base64(&client_data(&said)),
            "attestationObject": base64(&object),
            "transports": ["internal"],
        }))
    }

    /// Answers `PublicKeyCredentialRequestOptions` honestly.
    pub fn get(&mut self, options: &Value, origin: &str) -> Value {
        self.get_saying(options, origin, |_| {})
    }

    /// Answers them after `lie` changed what is said.
    ///
    /// # Panics
    /// When it cannot sign.
    pub fn get_saying(&mut self, options: &Value, origin: &str, lie: impl FnOnce(&mut Said)) -> Value {
        self.sign_count += u32::from(self.counts);
        let mut said = self.says("webauthn.get", options, &options["rpId"], origin);
        lie(&mut said);
        let (data, client) = (self.authenticator_data(&said, 0), client_data(&said));
        let signed = [data.as_slice(), digest(&SHA256, &client).as_ref()].concat();
        let mut signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature").as_ref().to_vec();
        if said.is_forged {
            let last = signature.len() - 1;
            signature[last] ^= 1;
        }
        self.credential(json!({
            "clientDataJSON": base64(&client),
            "authenticatorData": base64(&data),
            "signature": base64(&signature),
            "userHandle": said.user_handle.as_deref().map(base64),
        }))
    }

    fn says(&self, kind: &str, options: &Value, rp_id: &Value, origin: &str) -> Said {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Said {
            kind: kind.to_owned(),
            challenge: text(&options["challenge"]),
            origin: origin.to_owned(),
            cross_origin: false,
            rp_id: text(rp_id),
            user_present: true,
            user_verified: self.verifies,
            sign_count: self.sign_count,
            user_handle: Some(self.handle.clone()),
            is_forged: false,
        }
    }

    /// §6.1: whose, in what state, how often.
    fn authenticator_data(&self, said: &Said, more: u8) -> Vec<u8> {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = flag(said.user_present, USER_PRESENT) | flag(said.user_verified, USER_VERIFIED) | more;
        let rp = digest(&SHA256, said.rp_id.as_bytes());
        [rp.as_ref(), &[flags], &said.sign_count.to_be_bytes()].concat()
    }

    /// §6.5.1: the model (none), the identifier, and the public key (RFC 9053 §7.1.1).
    fn attested(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let key = cbor::map(&[
            (cbor::integer(1), cbor::integer(2)),
            (cbor::integer(3), cbor::integer(-7)),
            (cbor::integer(-1), cbor::integer(1)),
            (cbor::integer(-2), cbor::bytes(&point[1..33])),
            (cbor::integer(-3), cbor::bytes(&point[33..65])),
        ]);
        let length = u16::try_from(self.credential_id.len()).unwrap_or_default().to_be_bytes();
        [&[0; 16], &length[..], &self.credential_id, &key].concat()
    }

    fn credential(&self, response: Value) -> Value {
        let id = base64(&self.credential_id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }
}

/// §5.8.1.
fn client_data(said: &Said) -> Vec<u8> {
    json!({
        "type": said.kind, "challenge": said.challenge, "origin": said.origin, "crossOrigin": said.cross_origin,
    })
    .to_string()
    .into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn unbase64(text: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_str().unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// As much of RFC 8949 as an authenticator needs.
mod cbor {
    fn head(major: u8, value: usize) -> Vec<u8> {
        match value {
            0..24 => vec![major << 5 | u8::try_from(value).unwrap_or_default()],
            24..256 => vec![major << 5 | 24, u8::try_from(value).unwrap_or_default()],
            _ => [&[major << 5 | 25], &u16::try_from(value).unwrap_or_default().to_be_bytes()[..]].concat(),
        }
    }

    pub(super) fn integer(value: i8) -> Vec<u8> {
        let size = usize::from(value.unsigned_abs());
        if value < 0 { head(1, size - 1) } else { head(0, size) }
    }

    pub(super) fn bytes(value: &[u8]) -> Vec<u8> {
        [head(2, value.len()), value.to_vec()].concat()
    }

    pub(super) fn text(value: &str) -> Vec<u8> {
        [head(3, value.len()), value.as_bytes().to_vec()].concat()
    }

    pub(super) fn map(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let inside: Vec<u8> = pairs.iter().flat_map(|(key, value)| [key.as_slice(), value].concat()).collect();
        [head(5, pairs.len()), inside].concat()
    }
}
