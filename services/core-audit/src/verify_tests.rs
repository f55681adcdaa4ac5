use core_crypto::SigningKey;
use core_kernel::SeededEntropy;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::SALT_LEN;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));

fn key() -> SigningKey {
    SigningKey::generate(&SeededEntropy::new(1))
}

fn keys() -> Jwks {
    Jwks { keys: vec![key().public_jwk().clone()] }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn entry(number: u64) -> Entry {
    Entry {
        id: Uuid::from_u128(number.into()),
        at: at(number as i64),
        actor: if number.is_multiple_of(3) {
            "system".to_owned()
        } else {
            format!("admin:person{number}@firm.example")
        },
        action: "policy.published".to_owned(),
        target: number.is_multiple_of(2).then(|| format!("user_{number}")),
        ip_address: Some("192.0.2.7".to_owned()),
        detail: json!({ "number": number }),
    }
}

/// A log of so many entries, with a head at every fourth, and as an export the one at its end.
fn log(length: u64) -> Vec<Line> {
    let mut previous = genesis(TENANT);
    let lines = (1..=length).map(|number| {
        let seal = entry(number).seal(number, &previous, [number as u8; SALT_LEN]);
        previous = seal.hash;
        let head = Head::new("https://id.example", TENANT, number, &seal.hash, at(1000));
        let head = match number {
            _ if number == length => Some(head.at_the_end()),
            _ if number.is_multiple_of(4) => Some(head),
            _ => None,
        };
        Line { head: head.map(|head| head.sign(&key()).unwrap()), ..Line::of(&entry(number), &seal) }
    });
    lines.collect()
}

fn verify_with(lines: &[Line], kept: Vec<Head>) -> Report {
    let keys = keys();
    let mut verifier = Verifier::new(&keys, kept);
    for line in lines {
        verifier.read(&serde_json::to_string(line).unwrap());
    }
    verifier.finish()
}

fn wrongs(lines: &[Line]) -> Vec<(u64, Wrong)> {
    verify_with(lines, Vec::new()).findings.into_iter().map(|finding| (finding.line, finding.wrong)).collect()
}

/// Computes all hashes anew from this entry on, as somebody could who may write to the database.
fn rehash(lines: &mut [Line], from: usize) {
    let Ok(mut previous) = lines[from - 1].read().map(|(_, seal)| seal.hash) else { return };
    for (place, line) in lines.iter_mut().enumerate().skip(from) {
        let Ok((entry, _)) = line.read() else { return };
        let seal = entry.seal(place as u64 + 1, &previous, [9; SALT_LEN]);
        previous = seal.hash;
        *line = Line { head: line.head.take(), ..Line::of(&entry, &seal) };
    }
}

#[test]
fn a_log_as_it_was_written_holds() {
    let report = verify_with(&log(10), Vec::new());
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!((report.tenant, report.entries, report.first, report.last), (Some(TENANT), 10, 1, 10));
    assert_eq!((report.heads, report.ended_at, report.erased), (3, Some(at(1000)), 0));
}

#[test]
fn each_kind_of_change_has_its_name_and_its_place() {
    let with = |change: fn(&mut Vec<Line>)| {
        let mut lines = log(10);
        change(&mut lines);
        wrongs(&lines)
    };
    assert_eq!(with(|lines| lines[4].detail = json!({})), [(5, Wrong::Edited(5))]);
    assert_eq!(with(|lines| lines[4].action = "x".to_owned()), [(5, Wrong::Edited(5))]);
    assert_eq!(with(|lines| lines[0].target = Some("y".to_owned())).len(), 2, "words and hash");
    assert_eq!(with(|lines| drop(lines.drain(4..6))), [(5, Wrong::Deleted(5, 6))]);
    assert_eq!(with(|lines| lines.swap(4, 5)), [(6, Wrong::Moved(5))]);
    assert_eq!(with(|lines| lines.insert(6, lines[2].clone())), [(7, Wrong::Inserted(3))]);
    assert_eq!(with(|lines| drop(lines.drain(..3))), [(1, Wrong::BeginningCut(4))]);
    assert_eq!(with(|lines| lines.truncate(9)), [(9, Wrong::EndCut(9))]);
    assert_eq!(with(|lines| lines.truncate(8)), [(8, Wrong::EndCut(8))], "a head within is no end");
    assert_eq!(with(Vec::clear), [(0, Wrong::EndCut(0))]);
    let cut_and_moved = with(|lines| {
        let head = lines[9].head.take();
        lines.truncate(9);
        lines[8].head = head;
    });
    assert_eq!(cut_and_moved, [(9, Wrong::Rewritten(9)), (9, Wrong::EndCut(9))]);
}

#[test]
fn hashes_computed_anew_meet_the_next_signed_head() {
    let mut lines = log(10);
    lines[5].detail = json!({ "number": 7 });
    rehash(&mut lines, 5);
    let found = wrongs(&lines);
    assert_eq!(found, [(8, Wrong::Rewritten(8)), (10, Wrong::Rewritten(10)), (10, Wrong::EndCut(10))]);
}

#[test]
fn heads_by_others_and_of_others_are_not_believed() {
    let mut lines = log(10);
    let head = Head::verify(lines[9].head.as_ref().unwrap(), &keys()).unwrap();
    lines[9].head = Some(head.sign(&SigningKey::generate(&SeededEntropy::new(2))).unwrap());
    assert_eq!(wrongs(&lines), [(10, Wrong::HeadForged(10)), (10, Wrong::EndCut(10))]);
    let other = Head { sub: "tenant_00000000000000000000000002".to_owned(), ..head };
    lines[9].head = Some(other.sign(&key()).unwrap());
    assert_eq!(wrongs(&lines), [(10, Wrong::HeadOfAnother(10)), (10, Wrong::EndCut(10))]);
}

#[test]
fn a_head_kept_elsewhere_shows_what_the_server_itself_signed_away() {
    let kept = |line: &Line| vec![Head::verify(line.head.as_ref().unwrap(), &keys()).unwrap()];
    let (long, short) = (log(12), log(10));
    assert!(verify_with(&long, kept(&short[9])).holds(), "a log that went on");
    let shortened = verify_with(&short, kept(&long[11]));
    assert_eq!(shortened.findings, [Finding { line: 10, wrong: Wrong::EndCut(10) }]);
    let mut rewritten = log(10);
    rewritten[8].action = "other".to_owned();
    rehash(&mut rewritten, 8);
    let hash = rewritten[9].read().unwrap().1.hash;
    let signed = Head::new("https://id.example", TENANT, 10, &hash, at(2000)).at_the_end();
    rewritten[9].head = Some(signed.sign(&key()).unwrap());
    assert!(verify_with(&rewritten, Vec::new()).holds(), "nobody could tell");
    let found = verify_with(&rewritten, kept(&short[9])).findings;
    assert_eq!(found, [Finding { line: 10, wrong: Wrong::Rewritten(10) }]);
}

/// What an erasure makes of a line.
fn erase(line: &mut Line) {
    line.actor = line.actor.split(':').next().unwrap().to_owned();
    (line.detail, line.ip_address, line.salt) = (json!({}), None, None);
}

#[test]
fn an_erasure_that_is_told_leaves_the_chain_whole_and_any_other_shows() {
    let mut previous = genesis(TENANT);
    let mut lines: Vec<Line> = Vec::new();
    for number in 1..=5 {
        let action = if number == 5 { ERASED } else { "user.locked" };
        let entry = Entry { action: action.to_owned(), ..entry(number) };
        let seal = entry.seal(number, &previous, [3; SALT_LEN]);
        previous = seal.hash;
        lines.push(Line::of(&entry, &seal));
    }
    let end = Head::new("https://id.example", TENANT, 5, &previous, at(9)).at_the_end();
    lines[4].head = Some(end.sign(&key()).unwrap());
    lines[..3].iter_mut().for_each(erase);
    let report = verify_with(&lines, Vec::new());
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!(report.erased, 3);

    let mut untold = log(10);
    erase(&mut untold[4]);
    assert_eq!(wrongs(&untold), [(5, Wrong::Blanked(5))]);
    untold[4].actor = "admin:somebody@else.example".to_owned();
    assert_eq!(wrongs(&untold), [(5, Wrong::Edited(5))], "a blanked entry says nothing new");
}

#[test]
fn what_was_dropped_when_its_time_was_over_is_vouched_for_by_a_checkpoint() {
    let mut lines = log(10);
    let checkpoint = lines[3].head.clone();
    lines.drain(..4);
    lines[0].checkpoint.clone_from(&checkpoint);
    let report = verify_with(&lines, Vec::new());
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!((report.first, report.last), (5, 10));
    lines.remove(0);
    lines[0].checkpoint = checkpoint;
    assert_eq!(wrongs(&lines), [(1, Wrong::BeginningCut(6))], "it vouches for what it signed alone");
}

#[test]
fn findings_are_kept_up_to_a_bound_and_counted_beyond() {
    let keys = keys();
    let mut verifier = Verifier::new(&keys, Vec::new());
    (0..MOST_FINDINGS + 5).for_each(|_| verifier.read("{}"));
    let report = verifier.finish();
    assert_eq!((report.findings.len(), report.not_shown), (MOST_FINDINGS, 6));
}

/// One change of a log, such as nobody may make.
#[derive(Debug, Clone)]
enum Change {
    Member(usize, usize),
    Delete(usize, usize),
    Swap(usize, usize),
    Duplicate(usize, usize),
    Cut(usize),
    Renumber(usize, u64),
    Rewrite(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let place = || 0..1000_usize;
    prop_oneof![
        (place(), 0..11_usize).prop_map(|(at, member)| Change::Member(at, member)),
        (place(), 1..5_usize).prop_map(|(at, many)| Change::Delete(at, many)),
        (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        (place(), place()).prop_map(|(from, to)| Change::Duplicate(from, to)),
        place().prop_map(Change::Cut),
        (place(), 0..50_u64).prop_map(|(at, number)| Change::Renumber(at, number)),
        place().prop_map(Change::Rewrite),
    ]
}

fn apply(lines: &mut Vec<Line>, change: &Change) {
    let length = lines.len();
    match *change {
        Change::Member(at, member) => change_member(&mut lines[at % length], member),
        Change::Delete(at, many) => drop(lines.drain(at % length..length.min(at % length + many))),
        Change::Swap(one, other) => lines.swap(one % length, other % length),
        Change::Duplicate(from, to) => lines.insert(to % (length + 1), lines[from % length].clone()),
        Change::Cut(at) => lines.truncate(at % length),
        Change::Renumber(at, number) => lines[at % length].sequence = number,
        Change::Rewrite(at) => {
            let at = at % length;
            lines[at].action.push('x');
            if at > 0 {
                rehash(lines, at);
            }
        }
    }
}

/// Changes one member, whichever it is, as it stands in the file.
fn change_member(line: &mut Line, member: usize) {
    let names =
        ["id", "at", "actor", "action", "target", "ip_address", "detail", "sequence", "salt", "commitment", "hash"];
    let mut value = serde_json::to_value(&*line).unwrap();
    let changed = match &value[names[member]] {
        Value::String(text) => {
            // The last character of an identifier holds fewer bits than it could.
            let middle = text.len() / 2;
            let other = if text.as_bytes()[middle] == b'1' { "2" } else { "1" };
            let mut text = text.clone();
            text.replace_range(middle..=middle, other);
            text.into()
        }
        Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
        Value::Null => "00".into(),
        _ => json!({ "number": 0 }),
    };
    value[names[member]] = changed;
    if let Ok(changed) = serde_json::from_value(value) {
        *line = changed;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_a_log_is_found(length in 1..24_u64, changes in prop::collection::vec(change(), 1..4)) {
        let original = log(length);
        let mut lines = original.clone();
        for change in &changes {
            if !lines.is_empty() {
                apply(&mut lines, change);
            }
        }
        prop_assert_eq!(verify_with(&lines, Vec::new()).holds(), lines == original, "{:?}", changes);
    }

    #[test]
    fn no_bytes_make_it_stumble(text in ".{0,200}") {
        let keys = keys();
        let mut verifier = Verifier::new(&keys, Vec::new());
        verifier.read(&text);
        prop_assert!(!verifier.finish().holds());
    }
}
