use chrono::DateTime;
use core_kernel::SeededEntropy;

use super::*;

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn rfc_secret() -> TotpSecret {
    TotpSecret::from_bytes(b"12345678901234567890").unwrap()
}

/// RFC 6238, appendix B, the SHA-1 rows; our codes are the last six of its eight digits.
const APPENDIX_B: [(i64, &str); 6] = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
];

#[test]
fn the_vectors_of_rfc_6238() {
    for (seconds, eight) in APPENDIX_B {
        let six = &eight[2..];
        assert_eq!(*rfc_secret().code_at(at(seconds)), six);
        assert_eq!(rfc_secret().matching_step(six, at(seconds)), Some(seconds / 30));
        assert_eq!(rfc_secret().matching_step(eight, at(seconds)), None, "eight digits are not six");
    }
}

#[test]
fn one_step_either_way_is_accepted_and_named() {
    let secret = rfc_secret();
    let step = 1_000;
    let code = secret.code_at(at(step * 30));
    for now in [step * 30 - 30, step * 30 - 1, step * 30, step * 30 + 29, step * 30 + 59] {
        assert_eq!(secret.matching_step(&code, at(now)), Some(step), "at {now}");
    }
    for now in [step * 30 - 31, step * 30 + 60, 0] {
        assert_eq!(secret.matching_step(&code, at(now)), None, "at {now}");
    }
}

#[test]
fn the_beginning_of_time_is_no_special_case() {
    let code = rfc_secret().code_at(at(0));
    assert_eq!(rfc_secret().matching_step(&code, at(0)), Some(0));
    assert_eq!(rfc_secret().matching_step(&code, at(-1)), None);
}

#[test]
fn codes_are_taken_as_people_type_them() {
    let now = at(59);
    for typed in ["287082", "287 082", " 287-082\n", "２８７０８２"] {
        assert_eq!(rfc_secret().matching_step(typed, now), Some(1), "{typed:?}");
    }
    for typed in ["", "28708", "2870820", "+87082", "28708a", "287O82", "-287082x"] {
        assert_eq!(rfc_secret().matching_step(typed, now), None, "{typed:?}");
    }
}

#[test]
fn another_seed_has_other_codes() {
    let entropy = SeededEntropy::new(1);
    let (one, two) = (TotpSecret::generate(&entropy), TotpSecret::generate(&entropy));
    assert!(one != two);
    assert_eq!(two.matching_step(&one.code_at(at(59)), at(59)), None);
    assert_eq!(TotpSecret::from_bytes(one.as_bytes()), Some(one));
    assert_eq!(TotpSecret::from_bytes(&[0; 16]), None);
}

#[test]
fn the_uri_says_what_apps_expect() {
    let uri = rfc_secret().otpauth_uri("Acme Bank", "ann@example.com");
    assert_eq!(
        *uri,
        "otpauth://totp/Acme%20Bank:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20Bank"
    );
    assert_eq!(*rfc_secret().to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

#[test]
fn a_name_cannot_smuggle_parameters_into_the_uri() {
    let uri = rfc_secret().otpauth_uri("Acme:Evil", "ann&secret=AAAA?#/\n:x");
    assert_eq!(uri.matches("secret=").count(), 1, "{}", *uri);
    assert_eq!(uri.matches(':').count(), 2, "{}", *uri);
    let nameless = rfc_secret().otpauth_uri(" ", ":");
    assert!(nameless.starts_with("otpauth://totp/-:-?"), "{}", *nameless);
}

#[test]
fn the_longest_names_still_fit_a_qr_code() {
    let uri = rfc_secret().otpauth_uri(&"漢".repeat(500), &"🦀".repeat(500));
    let image = qr_svg(&uri).unwrap();
    assert!(image.contains("<svg") && image.ends_with("</svg>") && !image.contains("<script"));
    assert_eq!(qr_svg(&"x".repeat(3_000)), Err(QrCodeError));
}

#[test]
fn seeds_do_not_print() {
    assert_eq!(format!("{:?}", rfc_secret()), "TotpSecret([redacted])");
}
