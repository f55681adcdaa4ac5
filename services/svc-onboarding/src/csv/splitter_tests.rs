use super::*;
use proptest::prelude::*;

type Cut = (u32, Vec<u8>, RowForm);

fn cut_in(file: &[u8], piece: usize) -> Vec<Cut> {
    let mut rows = Vec::new();
    let mut splitter = Splitter::default();
    let mut take = |row: Row<'_>| rows.push((row.line, row.bytes.to_vec(), row.form));
    for piece in file.chunks(piece) {
        splitter.push(piece, &mut take);
    }
    splitter.finish(&mut take);
    rows
}

fn cut(file: &str) -> Vec<(u32, String, RowForm)> {
    let rows = cut_in(file.as_bytes(), usize::MAX);
    for piece in [1, 2, 3, 7] {
        assert_eq!(cut_in(file.as_bytes(), piece), rows, "in pieces of {piece}");
    }
    rows.into_iter().map(|(line, bytes, form)| (line, String::from_utf8(bytes).unwrap(), form)).collect()
}

fn good(line: u32, text: &str) -> (u32, String, RowForm) {
    (line, text.to_owned(), RowForm::Good)
}

#[test]
fn rows_end_with_either_line_break_and_the_last_one_without() {
    assert_eq!(cut("a,b\r\nc,d\ne,f"), [good(1, "a,b"), good(2, "c,d"), good(3, "e,f")]);
    assert_eq!(cut("a\n"), [good(1, "a")]);
    assert_eq!(cut(""), []);
}

#[test]
fn empty_lines_are_counted_and_are_no_rows() {
    assert_eq!(cut("a\n\r\n\nb\n"), [good(1, "a"), good(4, "b")]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_field() {
    assert_eq!(cut("\u{feff}\"a\nb\",c\nd"), [good(1, "\"a\nb\",c"), good(3, "d")]);
    assert_eq!(cut("\u{feff}"), []);
    assert_eq!(cut("\u{feff}a\n\u{feff}b"), [good(1, "a"), good(2, "\u{feff}b")]);
}

#[test]
fn line_breaks_within_quotes_belong_to_the_field() {
    assert_eq!(cut("\"a\r\nb\",c\r\nd,e"), [good(1, "\"a\r\nb\",c"), good(3, "d,e")]);
    assert_eq!(cut("\"a\"\"\n\"\"b\"\nc"), [good(1, "\"a\"\"\n\"\"b\""), good(3, "c")]);
}

#[test]
fn a_quote_within_a_plain_field_is_a_character() {
    assert_eq!(cut("5\" pipe,x\ny"), [good(1, "5\" pipe,x"), good(2, "y")]);
}

#[test]
fn a_quote_that_never_closes_costs_its_line_alone() {
    let open = |line, text: &str| (line, text.to_owned(), RowForm::OpenQuote);
    assert_eq!(cut("a,\"b\nc,d\ne,f\n"), [open(1, "a,\"b"), good(2, "c,d"), good(3, "e,f")]);
    assert_eq!(cut("a\n\"b"), [good(1, "a"), open(2, "\"b")]);
    let rows = cut("a,\"b\nc,\"d\"\ne,f");
    assert_eq!(rows, [(1, "a,\"b".to_owned(), RowForm::AfterQuote), good(2, "c,\"d\""), good(3, "e,f")]);
}

#[test]
fn more_behind_a_closing_quote_is_malformed() {
    let after = |line, text: &str| (line, text.to_owned(), RowForm::AfterQuote);
    assert_eq!(cut("\"a\"b,c\nd"), [after(1, "\"a\"b,c"), good(2, "d")]);
    assert_eq!(cut("\"a\"\rb\nd"), [after(1, "\"a\"\rb"), good(2, "d")]);
    assert_eq!(cut("\"a\" "), [after(1, "\"a\" ")]);
}

#[test]
fn a_row_that_is_too_long_is_one_row_and_its_beginning_is_kept() {
    for quoted in [false, true] {
        let quote = if quoted { "\"" } else { "" };
        let file = format!("a,b\nc,{quote}{}{quote}\nd,e\n", "x".repeat(MAX_ROW + 10));
        let rows = cut_in(file.as_bytes(), 8192);
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[1].0, rows[1].1.len(), rows[1].2), (2, KEPT, RowForm::TooLong));
        assert_eq!(rows[2], (3, b"d,e".to_vec(), RowForm::Good));
    }
}

#[test]
fn a_megabyte_in_one_field_is_read() {
    let file = format!("a,{}\nb", "x".repeat(1 << 20));
    let rows = cut_in(file.as_bytes(), 4096);
    assert_eq!((rows.len(), rows[0].1.len(), rows[0].2), (2, (1 << 20) + 2, RowForm::Good));
}

#[test]
fn no_more_is_held_than_a_row() {
    let mut splitter = Splitter::default();
    let mut rows = 0;
    for _ in 0..200 {
        splitter.push(&vec![b'x'; 1 << 16], |_| rows += 1);
        assert!(splitter.buffer.len() <= MAX_ROW + (1 << 16) + 1);
    }
    splitter.finish(|_| rows += 1);
    assert_eq!(rows, 1);
}

#[test]
fn a_file_that_would_be_read_over_and_over_comes_to_an_end() {
    // Every line opens a quote, and no following one closes it.
    let file = "a\",\",x\n".repeat(700_000);
    let mut rows = 0;
    let mut splitter = Splitter::default();
    splitter.push(file.as_bytes(), |_| rows += 1);
    assert!(splitter.may_read_again < READ_AGAIN / 2);
    splitter.finish(|_| rows += 1);
    assert!(rows > 1, "{rows}");
}

proptest! {
    #[test]
    fn how_a_file_is_cut_into_pieces_makes_no_difference(
        file in proptest::collection::vec(proptest::sample::select(b"ab,\"\n\r".to_vec()), 0..60),
        piece in 1_usize..9,
    ) {
        prop_assert_eq!(cut_in(&file, piece), cut_in(&file, usize::MAX));
    }

    #[test]
    fn what_was_written_well_is_cut_where_it_was_written(
        rows in proptest::collection::vec(proptest::collection::vec("[ab,\"\n\r]{0,4}", 1..4), 0..8),
    ) {
        let texts: Vec<String> = rows.iter().map(|row| crate::csv::write_row(row.iter().map(String::as_str))).collect();
        let file: String = texts.concat();
        let cut: Vec<_> = cut_in(file.as_bytes(), 5).into_iter().map(|(_, bytes, form)| (bytes, form)).collect();
        let expected: Vec<_> = texts.iter().map(|text| text.trim_end_matches("\r\n"))
            .filter(|text| !text.is_empty()).map(|text| (text.as_bytes().to_vec(), RowForm::Good)).collect();
        prop_assert_eq!(cut, expected);
    }
}
