use core_kernel::SeededEntropy;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;
use crate::keyring::PurposeSecret;

fn ring(code_keys: &[i16]) -> KeyRing {
    let code = code_keys.iter().map(|id| (KeyPurpose::Code, *id));
    let secrets = code.chain([(KeyPurpose::Index, 1), (KeyPurpose::Pepper, 1)]);
    let secrets = secrets.map(|(purpose, id)| PurposeSecret {
        purpose,
        id,
        secret: Zeroizing::new([u8::try_from(id).unwrap(); 32]),
        retired: false,
    });
    KeyRing::new(secrets.collect()).unwrap()
}

fn subject(challenge: u128) -> CodeSubject {
    CodeSubject {
        tenant: TenantId(Uuid::from_u128(0x10)),
        challenge: ChallengeId(Uuid::from_u128(challenge)),
        purpose: CodePurpose::Login,
    }
}

/// These must never change: codes that are under way would stop working with an upgrade.
/// Checked against Python's hmac module.
#[test]
fn fixed_vectors() {
    let ring = ring(&[1, 2]);
    let code =
        |key, challenge, digits| derive_code(ring.by_id(KeyPurpose::Code, key).unwrap(), &subject(challenge), digits);
    assert_eq!(code(1, 0x20, 6), "811327");
    assert_eq!(code(1, 0x20, 7), "6641966");
    assert_eq!(code(1, 0x20, 8), "61025078");
    assert_eq!(code(2, 0x20, 6), "856539");
    // The first with a leading zero, and the first whose first block is rejected.
    assert_eq!(code(1, 13, 6), "098424");
    assert_eq!(code(1, 45, 8), "69589690");
}

#[test]
fn every_number_below_the_bound_is_equally_likely() {
    assert_eq!(uniform(0, 1_000_000), Some(0));
    assert_eq!(uniform(4_293_999_999, 1_000_000), Some(999_999));
    assert_eq!(uniform(4_294_000_000, 1_000_000), None);
    assert_eq!(uniform(u32::MAX, 1_000_000), None);
    assert_eq!(uniform(4_199_999_999, 100_000_000), Some(99_999_999));
    assert_eq!(uniform(4_200_000_000, 100_000_000), None);
}

/// Chi-square over 100,000 derived codes in 100 cells; the keys are fixed, so it cannot flicker.
/// With 99 degrees of freedom 148 is exceeded once in a thousand times.
#[test]
fn codes_are_spread_evenly() {
    let ring = ring(&[1]);
    let key = ring.current(KeyPurpose::Code);
    let (mut head, mut tail) = ([0_u32; 100], [0_u32; 100]);
    for challenge in 0..100_000 {
        let code = derive_code(key, &subject(challenge), 6);
        head[code[..2].parse::<usize>().unwrap()] += 1;
        tail[code[4..].parse::<usize>().unwrap()] += 1;
    }
    for cells in [head, tail] {
        let chi: f64 = cells.iter().map(|cell| (f64::from(*cell) - 1000.0).powi(2) / 1000.0).sum();
        assert!((60.0..148.0).contains(&chi), "{chi}");
    }
}

#[test]
fn tenant_challenge_purpose_and_key_each_matter() {
    let (one, two) = (ring(&[1]), ring(&[2]));
    let code = |ring: &KeyRing, subject| derive_code(ring.current(KeyPurpose::Code), &subject, 8);
    let first = code(&one, subject(1));
    let others = [
        code(&one, subject(2)),
        code(&one, CodeSubject { tenant: TenantId(Uuid::from_u128(0x11)), ..subject(1) }),
        code(&one, CodeSubject { purpose: CodePurpose::Enroll, ..subject(1) }),
        code(&two, subject(1)),
    ];
    assert!(others.iter().all(|other| *other != first), "{others:?}");
    assert_eq!(code(&one, subject(1)), first, "a resend repeats the code");
}

#[test]
fn six_digits_of_an_eight_digit_code_are_not_its_beginning() {
    let ring = ring(&[1]);
    let key = ring.current(KeyPurpose::Code);
    let eight = derive_code(key, &subject(1), 8);
    assert_ne!(eight[..6], derive_code(key, &subject(1), 6));
    assert_eq!(matching_keys(&ring, &subject(1), &eight[..6]).key_ids, [] as [i16; 0]);
    assert_eq!(matching_keys(&ring, &subject(1), &eight), MatchingKeys { digits: 8, key_ids: vec![1] });
}

#[test]
fn codes_of_a_replaced_key_still_match_by_its_number() {
    let ring = ring(&[1, 2, 3]);
    for key in ring.all(KeyPurpose::Code) {
        let code = derive_code(key, &subject(5), 6);
        let matching = matching_keys(&ring, &subject(5), &format!(" {}-{} ", &code[..3], &code[3..]));
        assert_eq!(matching, MatchingKeys { digits: 6, key_ids: vec![key.id()] });
        assert!(matching_keys(&ring, &subject(6), &code).key_ids.is_empty(), "another challenge");
    }
}

#[test]
fn keys_for_other_purposes_make_no_codes() {
    let ring = ring(&[3]);
    let foreign = derive_code(ring.current(KeyPurpose::Pepper), &subject(5), 6);
    assert!(matching_keys(&ring, &subject(5), &foreign).key_ids.is_empty());
}

#[test]
fn what_is_typed_is_brought_to_plain_digits() {
    for given in ["123456", "123 456", "123-456", " １２３４５６ ", "12\u{2009}34\u{2011}56", "\u{200E}123456\n"]
    {
        assert_eq!(normalize_code(given), "123456", "{given:?}");
    }
    for given in ["", "12345a", "+123456", "12.3456", "-", "0x1234", "１２３４５６a", "①23456x"] {
        assert_eq!(normalize_code(given), "", "{given:?}");
    }
    assert_eq!(normalize_code(&format!("123456{}", " ".repeat(59))), "", "too long to look at");
}

#[test]
fn other_lengths_match_nothing() {
    let ring = ring(&[1]);
    for given in ["", "12345", "123456789", &"1".repeat(100_000), "abcdef"] {
        assert_eq!(matching_keys(&ring, &subject(1), given), MatchingKeys { digits: 0, key_ids: vec![] });
    }
}

#[test]
#[should_panic(expected = "6 to 8 digits")]
fn no_code_has_five_digits() {
    let ring = KeyRing::generate(&SeededEntropy::new(1));
    let _ = derive_code(ring.current(KeyPurpose::Code), &subject(1), 5);
}

#[test]
fn purposes_have_their_stored_names() {
    for purpose in [CodePurpose::Login, CodePurpose::Enroll] {
        assert_eq!(CodePurpose::from_text(purpose.as_str()), Some(purpose));
    }
    assert_eq!(CodePurpose::from_text("OTHER"), None);
}
