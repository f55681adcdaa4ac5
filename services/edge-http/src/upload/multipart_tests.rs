use super::*;

/// Everything that is in a body that comes in pieces of this size; the data of a part in one.
fn parts(body: &[u8], size: usize) -> Result<Vec<(PartHead, Vec<u8>)>, Malformed> {
    let mut parser = Parser::new("XyZ");
    let mut pieces = body.chunks(size);
    let mut parts: Vec<(PartHead, Vec<u8>)> = Vec::new();
    loop {
        match parser.next()? {
            Piece::Head(head) => parts.push((head, Vec::new())),
            Piece::Data(bytes) => parts.last_mut().unwrap().1.extend_from_slice(&bytes),
            Piece::PartEnd => {}
            Piece::End => return Ok(parts),
            Piece::More => parser.feed(pieces.next().ok_or(Malformed)?),
        }
    }
}

fn head(name: &str, file_name: Option<&str>) -> PartHead {
    PartHead { name: name.to_owned(), file_name: file_name.map(str::to_owned) }
}

const BODY: &str = "--XyZ\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{}\r\n--XyZ\r\n\
                    content-type: text/csv\r\ncontent-disposition: form-data; name=\"0\"; filename=\"u.csv\"\r\n\r\n\
                    a,b\r\n--XyY\r\n-\r\n\r\n--XyZ--\r\n";

#[test]
fn a_body_is_taken_apart_however_it_comes() {
    let expected =
        vec![(head("map", None), b"{}".to_vec()), (head("0", Some("u.csv")), b"a,b\r\n--XyY\r\n-\r\n".to_vec())];
    for size in 1..BODY.len() {
        assert_eq!(parts(BODY.as_bytes(), size), Ok(expected.clone()), "in pieces of {size}");
    }
}

#[test]
fn a_part_may_be_empty_and_a_preamble_is_passed_over() {
    let body = b"hello\r\n--XyZ \t\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--XyZ--";
    assert_eq!(parts(body, 3), Ok(vec![(head("a", None), Vec::new())]));
}

#[test]
fn what_breaks_off_or_is_something_else_is_malformed() {
    for body in [
        "",
        "nothing at all",
        "--XyZ",
        "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nabc",
        "--XyZjunk\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--XyZ--",
        "--XyZ\r\nContent-Type: text/csv\r\n\r\n\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data\r\n\r\n\r\n--XyZ--",
    ] {
        assert_eq!(parts(body.as_bytes(), 5), Err(Malformed), "{body}");
    }
    let endless = format!("--XyZ\r\nA: {}", "x".repeat(2 * MAX_HEAD));
    assert_eq!(parts(endless.as_bytes(), 1000), Err(Malformed));
}

#[test]
fn no_more_is_held_than_may_be_a_delimiter() {
    let mut parser = Parser::new("XyZ");
    parser.feed(b"--XyZ\r\nContent-Disposition: form-data; name=\"0\"\r\n\r\n");
    assert!(matches!(parser.next(), Ok(Piece::Head(_))));
    for _ in 0..100 {
        parser.feed(&[b'x'; 10_000]);
        while !matches!(parser.next(), Ok(Piece::More)) {}
        assert!(parser.buffer.len() < 8);
    }
}

#[test]
fn names_are_read_as_browsers_and_others_write_them() {
    for (disposition, name, file_name) in [
        (r#"form-data; name="a"; filename="x;y=z.csv""#, "a", Some("x;y=z.csv")),
        (r#"form-data; filename="a\"b.csv"; name=0"#, "0", Some("a\"b.csv")),
        (r#"form-data; name="%22a%22""#, "\"a\"", None),
        (r#"FORM-DATA; NAME="ä""#, "ä", None),
    ] {
        let body = format!("--XyZ\r\nContent-Disposition: {disposition}\r\n\r\n\r\n--XyZ--");
        assert_eq!(parts(body.as_bytes(), 9).unwrap()[0].0, head(name, file_name), "{disposition}");
    }
}

#[test]
fn the_boundary_is_the_content_types() {
    assert_eq!(boundary("multipart/form-data; boundary=abc"), Some("abc".to_owned()));
    assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), None, "no white space in ours");
    assert_eq!(boundary("multipart/form-data; boundary=\"a-b\""), Some("a-b".to_owned()));
    for other in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a", "text/csv"] {
        assert_eq!(boundary(other), None, "{other}");
    }
    assert_eq!(boundary(&format!("multipart/form-data; boundary={}", "b".repeat(71))), None);
}
