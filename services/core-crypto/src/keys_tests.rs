use std::sync::Arc;

use core_kernel::{PLATFORM_TENANT, SeededEntropy, TenantId};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER};
use uuid::Uuid;

use super::*;
use crate::seal::{OpenError, SealContext, sealed_key_id};

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn place() -> SealContext {
    SealContext { tenant: tenant(1), table: "factor", row: Uuid::from_u128(7), column: "secret_sealed" }
}

fn data_key() -> DataKey {
    DataKey::generate(tenant(1), 1, &SeededEntropy::new(1))
}

#[test]
fn a_sealed_secret_opens_where_it_was_sealed() {
    let (key, entropy) = (data_key(), SeededEntropy::new(2));
    for secret in [&b""[..], b"+14155550132", &[0xA5; 5000]] {
        let sealed = key.seal(&place(), secret, &entropy);
        assert_eq!(sealed.len(), 1 + 4 + 12 + secret.len() + 16);
        assert_eq!(key.open(&place(), &sealed).unwrap().as_slice(), secret);
    }
}

#[test]
fn a_ciphertext_that_was_moved_does_not_open() {
    let key = data_key();
    let sealed = key.seal(&place(), b"+14155550132", &SeededEntropy::new(2));
    let elsewhere = [
        SealContext { tenant: tenant(2), ..place() },
        SealContext { table: "message", ..place() },
        SealContext { row: Uuid::from_u128(8), ..place() },
        SealContext { column: "destination_sealed", ..place() },
        // The same letters, cut at another place.
        SealContext { table: "factors", column: "ecret_sealed", ..place() },
    ];
    for context in elsewhere {
        assert_eq!(key.open(&context, &sealed), Err(OpenError::Refused), "{context:?}");
    }
}

#[test]
fn every_changed_bit_is_noticed() {
    let key = data_key();
    let sealed = key.seal(&place(), b"x", &SeededEntropy::new(2));
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(key.open(&place(), &changed).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(key.open(&place(), &sealed[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn the_same_secret_never_looks_the_same_twice() {
    let (key, entropy) = (data_key(), SeededEntropy::new(2));
    assert_ne!(key.seal(&place(), b"x", &entropy), key.seal(&place(), b"x", &entropy));
}

#[test]
fn another_tenants_key_opens_nothing() {
    let sealed = data_key().seal(&place(), b"x", &SeededEntropy::new(2));
    let foreign = DataKey::generate(tenant(2), 1, &SeededEntropy::new(9));
    assert_eq!(foreign.open(&place(), &sealed), Err(OpenError::Refused));
    let newer = DataKey::generate(tenant(1), 2, &SeededEntropy::new(9));
    assert_eq!(newer.open(&place(), &sealed), Err(OpenError::OtherKey));
    assert_eq!(sealed_key_id(&sealed).as_deref(), Some("00000001"));
}

#[test]
fn a_data_key_is_wrapped_for_one_tenant_and_number() {
    let entropy = SeededEntropy::new(3);
    let master = MasterKey::generate(&entropy);
    let key = data_key();
    let wrapped = key.wrapped(&master, &entropy);
    let read = DataKey::from_wrapped(&master, tenant(1), 1, &wrapped).unwrap();
    let sealed = key.seal(&place(), b"x", &entropy);
    assert_eq!(read.open(&place(), &sealed).unwrap().as_slice(), b"x");
    assert_eq!((read.id(), read.tenant()), (1, tenant(1)));

    assert_eq!(DataKey::from_wrapped(&master, tenant(2), 1, &wrapped).unwrap_err(), OpenError::Refused);
    assert_eq!(DataKey::from_wrapped(&master, tenant(1), 2, &wrapped).unwrap_err(), OpenError::Refused);
    let other = MasterKey::generate(&entropy);
    assert_eq!(DataKey::from_wrapped(&other, tenant(1), 1, &wrapped).unwrap_err(), OpenError::OtherKey);
    assert_eq!(sealed_key_id(&wrapped), Some(master.id()));
}

#[test]
fn a_wrapped_secret_of_another_length_is_no_data_key() {
    let entropy = SeededEntropy::new(3);
    let master = MasterKey::generate(&entropy);
    let wrapped = master.seal(&SealContext::of_data_key(tenant(1), 1), &[0; 31], &entropy);
    assert_eq!(DataKey::from_wrapped(&master, tenant(1), 1, &wrapped).unwrap_err(), OpenError::Malformed);
}

#[test]
fn platform_rows_are_told_apart_by_their_text() {
    let entropy = SeededEntropy::new(3);
    let master = MasterKey::generate(&entropy);
    let code = SealContext::platform("crypto_key", "CODE/1", "sealed");
    assert_eq!(code.tenant, PLATFORM_TENANT);
    let sealed = master.seal(&code, b"x", &entropy);
    assert!(master.open(&code, &sealed).is_ok());
    let pepper = SealContext::platform("crypto_key", "PEPPER/1", "sealed");
    assert_eq!(master.open(&pepper, &sealed), Err(OpenError::Refused));
}

#[test]
fn a_key_file_is_read_in_every_usual_form() {
    let key = MasterKey::generate(&SeededEntropy::new(4));
    let base64 = key.to_text();
    let bytes = BASE64.decode(base64.as_bytes()).unwrap();
    let forms = [
        format!("\n {}\r\n", *base64),
        BASE64_NOPAD.encode(&bytes),
        BASE64URL.encode(&bytes),
        BASE64URL_NOPAD.encode(&bytes),
        HEXLOWER.encode(&bytes),
        HEXLOWER.encode(&bytes).to_uppercase(),
    ];
    for form in forms {
        assert_eq!(MasterKey::parse(&form).unwrap().id(), key.id(), "{form}");
    }
    for bad in ["", "secret", &base64[..42], &"g".repeat(64), &"0".repeat(66), &BASE64.encode(&[1; 33])] {
        assert_eq!(MasterKey::parse(bad).unwrap_err(), KeyFileError, "{bad}");
    }
}

#[test]
fn keys_do_not_print() {
    let master = MasterKey::generate(&SeededEntropy::new(5));
    assert_eq!(format!("{master:?}"), format!("MasterKey({}, [redacted])", master.id()));
    assert!(format!("{:?}", data_key()).ends_with(", 1, [redacted])"));
}

#[test]
fn a_key_that_is_replaced_opens_what_it_sealed_and_seals_nothing() {
    let entropy = SeededEntropy::new(2);
    let (old, new) = (data_key(), DataKey::generate(tenant(1), 2, &entropy));
    let sealed = old.seal(&place(), b"x", &entropy);
    assert_eq!(new.open(&place(), &sealed), Err(OpenError::OtherKey));
    let both = new.clone().with_others([old.clone()]);
    assert_eq!(both.open(&place(), &sealed).unwrap().as_slice(), b"x");
    let again = both.seal(&place(), b"x", &entropy);
    assert!(again.starts_with(&new.header()) && !again.starts_with(&old.header()));
    assert_eq!(new.open(&place(), &again).unwrap().as_slice(), b"x");
    // Of an old key, too, what was moved does not open.
    let moved = SealContext { row: Uuid::from_u128(8), ..place() };
    assert_eq!(both.open(&moved, &sealed), Err(OpenError::Refused));
}

#[test]
fn what_does_not_open_is_told_with_its_place() {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = heard.clone();
    let key = data_key().with_alarm(Arc::new(move |place, error| hears.lock().unwrap().push((*place, error))));
    let sealed = key.seal(&place(), b"x", &SeededEntropy::new(2));
    assert!(key.open(&place(), &sealed).is_ok() && heard.lock().unwrap().is_empty());
    let moved = SealContext { row: Uuid::from_u128(8), ..place() };
    assert!(key.open(&moved, &sealed).is_err());
    assert_eq!(*heard.lock().unwrap(), [(moved, OpenError::Refused)]);
}

#[test]
fn of_several_master_keys_the_first_seals_and_all_open() {
    let entropy = SeededEntropy::new(3);
    let (one, two) = (MasterKey::generate(&entropy), MasterKey::generate(&entropy));
    let both = MasterKey::parse(&format!("{}\n\n {}\n", one.to_text().as_str(), two.to_text().as_str())).unwrap();
    assert_eq!((both.id(), both.newest().id()), (one.id(), two.id()));
    for key in [&one, &two, &both, &both.newest()] {
        let sealed = key.seal(&place(), b"x", &entropy);
        assert_eq!(both.open(&place(), &sealed).unwrap().as_slice(), b"x");
        assert_eq!(both.newest().open(&place(), &sealed).unwrap().as_slice(), b"x");
    }
    assert_eq!(two.open(&place(), &both.seal(&place(), b"x", &entropy)), Err(OpenError::OtherKey));
    assert_eq!((one.newest().id(), MasterKey::parse("\n").is_err()), (one.id(), true));
    assert!(MasterKey::parse(&format!("{}\nno key", one.to_text().as_str())).is_err());
}
