use super::*;
use crate::users::COLUMNS;
use core_kernel::SeededEntropy;
use uuid::Uuid;

const HEADER: &[u8] = b"external_id,kind,display_name,email,phone,recovery_phone,advisor_email,language";

fn reader() -> Reader {
    Reader {
        tenant: TenantId(Uuid::from_u128(1)),
        header: Arc::new(Header::read(HEADER, &COLUMNS).unwrap()),
        ring: KeyRing::generate(&SeededEntropy::new(1)),
        countries: vec!["US".to_owned()].into(),
    }
}

fn read_all(rows: &[&[u8]]) -> Batch {
    let (reader, mut seen, mut batch) = (reader(), Seen::for_rows(4), Batch::default());
    for (bytes, line) in rows.iter().zip(2..) {
        reader.take(&Row { line, bytes, form: RowForm::Good }, &mut seen, &mut batch);
    }
    batch
}

/// The columns at fault; the row as a whole is empty.
fn faults(row: &str) -> Vec<String> {
    let batch = read_all(&[row.as_bytes()]);
    let faults = batch.refused.into_iter().flat_map(|refused| refused.faults);
    faults.map(|fault| fault.column.unwrap_or_default()).collect()
}

#[test]
fn a_whole_row_is_read() {
    let row = "C-1,external,Ann Lee,Ann@Example.com,+1 415 555 0132,+14155550133,ADV@firm.example,es-us";
    let read = read_all(&[row.as_bytes()]).rows.remove(0);
    assert_eq!((read.line, &read.raw[..]), (2, row.as_bytes()));
    assert_eq!((read.external_id.as_str(), read.folded.as_str(), read.kind), ("C-1", "c-1", UserKind::External));
    assert_eq!(read.email.unwrap().value.address(), "Ann@example.com");
    assert_eq!(read.phone.unwrap().value.e164(), "+14155550132");
    assert_eq!(read.advisor_email.as_deref(), Some("adv@firm.example"));
    assert_eq!(read.language.as_deref(), Some("es-US"));
}

#[test]
fn two_columns_are_enough() {
    assert_eq!(faults("a,INTERNAL,,,,,,"), [""; 0]);
}

#[test]
fn every_fault_of_a_row_is_told_with_its_column() {
    let all = faults("\u{1},boss,=1+1,ann,123,+44 20 7946 0958,x@y,klingon_");
    let columns =
        ["external_id", "kind", "display_name", "email", "phone", "recovery_phone", "advisor_email", "language"];
    assert_eq!(all, columns);
    assert_eq!(faults(",INTERNAL,,,,,,"), ["external_id"]);
    assert_eq!(faults("a,INTERNAL,,,+14155550132,+1 (415) 555-0132,,"), ["recovery_phone"]);
}

#[test]
fn names_are_one_line_and_no_formula() {
    for name in ["\"Ann\r\nLee\"", "=HYPERLINK(1)", "@x", "+1", "-1", "win at https://evil.example"] {
        assert_eq!(faults(&format!("a,INTERNAL,{name},,,,,")), ["display_name"], "{name}");
    }
    let long = "x".repeat(1 << 20);
    assert_eq!(faults(&format!("a,INTERNAL,{long},,,,,")), ["display_name"]);
    assert_eq!(faults("=a,INTERNAL,,,,,,"), [""; 0], "an identifier is the tenant's own affair");
}

#[test]
fn phones_are_of_the_policys_countries() {
    let message = read_all(&[b"a,INTERNAL,,,+442079460958,,,"]).refused.remove(0).faults.remove(0).message;
    assert!(message.contains("country") || message.contains("countries"), "{message}");
}

#[test]
fn spellings_of_one_identifier_are_one() {
    let rows: [&[u8]; 4] = [
        "Zoë,INTERNAL,,,,,,".as_bytes(),
        "ZOE\u{308},INTERNAL,,,,,,".as_bytes(),
        "ｚｏë ,EXTERNAL,,,,,,".as_bytes(),
        b"zoe,INTERNAL,,,,,,",
    ];
    let batch = read_all(&rows);
    assert_eq!(batch.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(batch.refused.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn a_row_without_its_form_is_refused_as_it_is() {
    let (reader, mut seen, mut batch) = (reader(), Seen::for_rows(4), Batch::default());
    for form in [RowForm::TooLong, RowForm::OpenQuote, RowForm::AfterQuote] {
        reader.take(&Row { line: 9, bytes: b"a,INTERNAL", form }, &mut seen, &mut batch);
    }
    assert_eq!(batch.refused.len(), 3);
    assert!(batch.refused.iter().all(|refused| refused.line == 9 && refused.faults[0].column.is_none()));
}

#[test]
fn of_a_refused_row_the_beginning_is_kept() {
    let row = format!("a,INTERNAL,{}", "x".repeat(100_000));
    assert_eq!(read_all(&[row.as_bytes()]).refused[0].raw.len(), KEPT);
}

#[test]
fn rows_that_were_worked_through_before_are_known_by_their_identifiers() {
    let (reader, mut seen, mut batch) = (reader(), Seen::for_rows(4), Batch::default());
    let row = |bytes| Row { line: 2, bytes, form: RowForm::Good };
    reader.pass_over(&row(b"A,boss,,,,,,"), &mut seen);
    reader.pass_over(&row(b"too,few"), &mut seen);
    reader.take(&row(b"a,INTERNAL,,,,,,"), &mut seen, &mut batch);
    reader.take(&row(b"too,INTERNAL,,,,,,"), &mut seen, &mut batch);
    assert_eq!((batch.rows.len(), batch.refused.len()), (1, 1));
}
