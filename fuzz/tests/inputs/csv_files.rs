//! Files of users and tenants.

use fuzz::Source;
use svc_onboarding::csv::{Row, RowForm, Splitter, fields, neutralise, restore, write_row};

type Cut = (u32, Vec<u8>, RowForm);

/// Two properties: of any file the rows are the same however it arrives, and lose nothing; of what we write
/// ourselves the reference reads each field as it was, spreadsheets run none of it, and we read it back.
pub(super) fn csv_files(source: &mut Source<'_>) {
    if source.once_in(2) { read_back(source) } else { arrives_in_pieces(source) }
}

fn arrives_in_pieces(source: &mut Source<'_>) {
    let piece = 1 + source.below(9);
    let file = source.text("ab,,\"\"\"\n\n\r '=+", 120);
    let whole = cut(file.as_bytes(), usize::MAX);
    assert_eq!(cut(file.as_bytes(), piece), whole, "{file:?} in pieces of {piece}");

    let lines = u32::try_from(file.matches('\n').count() + 1).expect("few lines");
    assert!(whole.windows(2).all(|pair| pair[0].0 < pair[1].0), "{file:?}: a row begins on a later line");
    assert!(whole.iter().all(|(line, _, _)| (1..=lines).contains(line)), "{file:?}: a line that is not there");
    let kept: usize = whole.iter().map(|(_, bytes, _)| bytes.len()).sum();
    let without_breaks = file.bytes().filter(|byte| !b"\r\n".contains(byte)).count();
    assert!(kept + 3 >= without_breaks, "{file:?}: bytes are lost");
    for (_, bytes, form) in &whole {
        assert!(!fields(bytes).is_empty());
        assert!(*form == RowForm::Good || bytes.contains(&b'"'), "{file:?}: only a quote makes a short row malformed");
    }
}

fn read_back(source: &mut Source<'_>) {
    let rows: Vec<Vec<String>> = (0..=source.below(3))
        .map(|_| (0..=source.below(4)).map(|_| source.text("ab =+-@\t\r\n\",'14", 10)).collect())
        .collect();
    let file: String = [vec!["header".to_owned()]].iter().chain(&rows).map(|row| written(row)).collect();
    let read = cut(file.as_bytes(), 1 + source.below(7));
    assert!(read.iter().all(|(_, _, form)| *form == RowForm::Good), "{file:?}: what we write is well-formed");
    let ours: Vec<Vec<String>> = read.iter().skip(1).map(|(_, bytes, _)| texts(bytes)).collect();
    // A row of one empty field is an empty line, which is no row.
    let meant: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() > 1 || !row[0].is_empty()).collect();
    assert_eq!(
        ours.iter()
            .map(|row| row.iter().map(|field| restore(field).to_owned()).collect())
            .collect::<Vec<Vec<String>>>(),
        meant.into_iter().cloned().collect::<Vec<_>>(),
        "{file:?}"
    );
    assert_eq!(by_reference(&file), ours, "{file:?}: the reference reads the same");
    for field in ours.iter().flatten() {
        let is_number = field
            .strip_prefix('+')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(is_number || !field.starts_with(['=', '+', '-', '@', '\t', '\r']), "{field:?} is run by a spreadsheet");
    }
}

fn written(row: &[String]) -> String {
    let fields: Vec<_> = row.iter().map(|field| neutralise(field)).collect();
    write_row(fields.iter().map(|field| &**field))
}

fn cut(file: &[u8], piece: usize) -> Vec<Cut> {
    let mut rows = Vec::new();
    let mut splitter = Splitter::default();
    let mut take = |row: Row<'_>| rows.push((row.line, row.bytes.to_vec(), row.form));
    for piece in file.chunks(piece) {
        splitter.push(piece, &mut take);
    }
    splitter.finish(&mut take);
    rows
}

fn texts(row: &[u8]) -> Vec<String> {
    fields(row).iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()
}

fn by_reference(file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_reader(file.as_bytes());
    reader.records().skip(1).map(|row| row.expect("well-formed").iter().map(str::to_owned).collect()).collect()
}
