//! Both ceremonies against a software authenticator, and every check against an answer that fails it alone.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use core_passkey::{Assertion, Passkey, PasskeyError, Person, Registration, RelyingParty, Verification};
use serde_json::{Value, json};
use testkit::{Said, SoftAuthenticator};

const ORIGIN: &str = "https://login.example.com";
const HANDLE: &[u8] = b"0123456789abcdef";

fn party() -> RelyingParty {
    let origins = [ORIGIN.to_owned(), "https://example.com:8443".to_owned()];
    RelyingParty::new("example.com", "Acme", &origins).unwrap()
}

/// Through the store and back.
fn kept<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_slice(&serde_json::to_vec(value).unwrap()).unwrap()
}

fn begin(known: &[Passkey], verification: Verification) -> (Value, Registration) {
    let person = Person { handle: HANDLE, name: "ann@example.com" };
    let (options, begun) = Registration::begin(party().at(ORIGIN).unwrap(), person, known, verification).unwrap();
    (options, kept(&begun))
}

fn registered(authenticator: &mut SoftAuthenticator) -> Passkey {
    let (options, begun) = begin(&[], Verification::Preferred);
    kept(&begun.finish(&authenticator.create(&options, ORIGIN)).unwrap())
}

fn ask(passkeys: &[Passkey], verification: Verification) -> Assertion {
    kept(&Assertion::begin(party(), HANDLE, passkeys, verification).unwrap())
}

fn is_wrong<T: std::fmt::Debug>(answer: Result<T, PasskeyError>) -> bool {
    matches!(answer, Err(PasskeyError::Wrong { .. }))
}

#[test]
fn a_passkey_is_made_and_proved() {
    let mut authenticator = SoftAuthenticator::new();
    let passkey = registered(&mut authenticator);
    assert_eq!(passkey.credential_id(), authenticator.credential_id());
    let asked = ask(&[passkey], Verification::Required);
    let proved = asked.check(&authenticator.get(asked.options(), "https://example.com:8443")).unwrap();
    assert_eq!((proved.credential_id.as_slice(), proved.sign_count), (authenticator.credential_id(), 1));
    assert!(proved.user_verified);
}

#[test]
fn what_browsers_are_asked() {
    let passkey = registered(&mut SoftAuthenticator::new());
    let (options, _) = begin(std::slice::from_ref(&passkey), Verification::Required);
    assert_eq!(options["rp"], json!({ "id": "example.com", "name": "Acme" }));
    assert_eq!(options["user"]["name"], "ann@example.com");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["timeout"], 300_000);
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
    let selection = &options["authenticatorSelection"];
    assert_eq!((&selection["userVerification"], &selection["residentKey"]), (&json!("required"), &json!("preferred")));
    let asked = ask(&[passkey], Verification::Preferred);
    assert_eq!(asked.options()["rpId"], "example.com");
    assert_eq!(asked.options()["userVerification"], "preferred");
    assert_eq!(asked.options()["allowCredentials"][0]["transports"], json!(["internal"]));
    let other = ask(&[registered(&mut SoftAuthenticator::new())], Verification::Required);
    assert_ne!(asked.options()["challenge"], other.options()["challenge"]);
    assert!(asked.options()["challenge"].as_str().unwrap().len() >= 43, "256 bits");
}

type Lie = (&'static str, fn(&mut Said));

/// Of each of these one alone makes an answer wrong, whichever ceremony it is in.
const LIES: [Lie; 9] = [
    ("the other ceremony", |said| {
        said.kind = if said.kind == "webauthn.get" { "webauthn.create" } else { "webauthn.get" }.to_owned();
    }),
    ("another challenge", |said| said.challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
    ("another origin", |said| said.origin = "https://login.example.org".to_owned()),
    ("a subdomain", |said| said.origin = "https://evil.login.example.com".to_owned()),
    ("another port", |said| said.origin = "https://login.example.com:8443".to_owned()),
    ("another scheme", |said| said.origin = "http://login.example.com".to_owned()),
    ("within another page", |said| said.cross_origin = true),
    ("another relying party", |said| said.rp_id = "login.example.com".to_owned()),
    ("nobody there", |said| said.user_present = false),
];

#[test]
fn a_registration_that_lies_once_is_refused() {
    for (name, lie) in LIES {
        let (options, begun) = begin(&[], Verification::Preferred);
        let credential = SoftAuthenticator::new().create_saying(&options, ORIGIN, lie);
        assert!(is_wrong(begun.finish(&credential)), "{name}");
    }
    let (options, begun) = begin(&[], Verification::Preferred);
    let elsewhere = SoftAuthenticator::new().create(&options, "https://example.com:8443");
    assert!(is_wrong(begun.finish(&elsewhere)), "another registered origin than the one that was named");
}

#[test]
fn an_assertion_that_lies_once_is_refused() {
    let mut authenticator = SoftAuthenticator::new();
    let passkey = registered(&mut authenticator);
    let more: [Lie; 2] = [
        ("another user's", |said| said.user_handle = Some(b"fedcba9876543210".to_vec())),
        ("forged", |said| said.is_forged = true),
    ];
    for (name, lie) in LIES.into_iter().chain(more) {
        let asked = ask(std::slice::from_ref(&passkey), Verification::Preferred);
        let credential = authenticator.get_saying(asked.options(), ORIGIN, lie);
        assert!(is_wrong(asked.check(&credential)), "{name}");
        let honest = authenticator.get(asked.options(), ORIGIN);
        assert!(asked.check(&honest).is_ok(), "{name}: without it the answer is right");
    }
}

#[test]
fn who_must_know_its_user_does() {
    let mut key = SoftAuthenticator::new().knowing_nobody();
    let (options, begun) = begin(&[], Verification::Required);
    assert!(is_wrong(begun.finish(&key.create(&options, ORIGIN))));
    let passkey = registered(&mut key);
    let asked = ask(std::slice::from_ref(&passkey), Verification::Required);
    assert!(is_wrong(asked.check(&key.get(asked.options(), ORIGIN))));
    let asked = ask(&[passkey], Verification::Preferred);
    let proved = asked.check(&key.get(asked.options(), ORIGIN)).unwrap();
    assert!(!proved.user_verified);
}

#[test]
fn one_that_knew_its_user_once_has_to_know_it_always() {
    let mut authenticator = SoftAuthenticator::new();
    let asked = ask(&[registered(&mut authenticator)], Verification::Preferred);
    let credential = authenticator.get_saying(asked.options(), ORIGIN, |said| said.user_verified = false);
    assert!(is_wrong(asked.check(&credential)));
}

#[test]
fn only_the_passkeys_that_were_asked_for_are_taken() {
    let mut asked_for = SoftAuthenticator::new();
    let mut other = SoftAuthenticator::new();
    let (passkey, _) = (registered(&mut asked_for), registered(&mut other));
    let asked = ask(&[passkey], Verification::Preferred);
    let Err(PasskeyError::Wrong { credential_id, .. }) = asked.check(&other.get(asked.options(), ORIGIN)) else {
        panic!("it was taken");
    };
    assert_eq!(credential_id, other.credential_id());
    // Another key under the identifier that was asked for.
    let mut credential = other.get(asked.options(), ORIGIN);
    let honest = asked_for.get(asked.options(), ORIGIN);
    credential["id"] = honest["id"].clone();
    credential["rawId"] = honest["rawId"].clone();
    assert!(is_wrong(asked.check(&credential)));
}

#[test]
fn what_is_signed_is_what_counts() {
    let mut authenticator = SoftAuthenticator::new();
    let asked = ask(&[registered(&mut authenticator)], Verification::Preferred);
    let mut credential = authenticator.get(asked.options(), ORIGIN);
    let raised = SoftAuthenticator::new().get_saying(asked.options(), ORIGIN, |said| said.sign_count = 99);
    credential["response"]["authenticatorData"] = raised["response"]["authenticatorData"].clone();
    assert!(is_wrong(asked.check(&credential)), "a counter that nobody signed");
}

#[test]
fn one_that_is_known_is_not_made_again_and_needs_its_own_identifier() {
    let mut authenticator = SoftAuthenticator::new();
    let passkey = registered(&mut authenticator);
    let (options, begun) = begin(&[passkey], Verification::Preferred);
    assert!(is_wrong(begun.finish(&authenticator.create(&options, ORIGIN))));
    let (options, begun) = begin(&[], Verification::Preferred);
    let mut credential = SoftAuthenticator::new().create(&options, ORIGIN);
    credential["rawId"] = json!("AAAA");
    assert!(is_wrong(begun.finish(&credential)));
}

#[test]
fn an_answer_without_a_handle_is_taken() {
    let mut authenticator = SoftAuthenticator::new();
    let asked = ask(&[registered(&mut authenticator)], Verification::Preferred);
    let mut credential = authenticator.get_saying(asked.options(), ORIGIN, |said| said.user_handle = None);
    assert!(asked.check(&credential).is_ok(), "null");
    credential["response"].as_object_mut().unwrap().remove("userHandle");
    assert!(asked.check(&credential).is_ok(), "absent");
}

#[test]
fn what_is_no_credential_is_not_compared() {
    let (options, begun) = begin(&[], Verification::Preferred);
    let mut authenticator = SoftAuthenticator::new();
    let mut credential = authenticator.create(&options, ORIGIN);
    credential["type"] = json!("password");
    for bad in [json!(null), json!({}), json!("text"), json!({ "type": "public-key", "rawId": 3 }), credential] {
        assert_eq!(begun.finish(&bad).err(), Some(PasskeyError::Unreadable), "{bad}");
    }
    let asked = ask(&[registered(&mut authenticator)], Verification::Preferred);
    let mut credential = authenticator.get(asked.options(), ORIGIN);
    credential["response"]["clientDataJSON"] = json!("e30");
    assert_eq!(asked.check(&credential).err(), Some(PasskeyError::Unreadable));
}

#[test]
fn there_must_be_somebody_and_something_to_ask_for() {
    let nobody = Person { handle: b"", name: "ann" };
    let begun = Registration::begin(party(), nobody, &[], Verification::Preferred);
    assert!(matches!(begun, Err(PasskeyError::Broken(_))));
    assert!(matches!(Assertion::begin(party(), HANDLE, &[], Verification::Preferred), Err(PasskeyError::Broken(_))));
}
