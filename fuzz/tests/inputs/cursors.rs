//! Positions in lists: opaque to clients, who send back whatever they like.

use core_kernel::{Cursor, MAX_PAGE_SIZE, PageRequest};
use fuzz::Source;

/// What holds: a key reads back; a cursor that is accepted is the one that its key has, so that no position has two
/// names; and no page is larger than the largest.
pub(super) fn cursors(source: &mut Source<'_>) {
    let key = source.text("abc0123456789/_-|:. é\u{0}", 40);
    let cursor = Cursor::encode(&key);
    assert_eq!(cursor.decode().as_deref(), Ok(&*key));

    let first = i32::from_be_bytes(source.number().to_be_bytes()) >> source.below(32);
    let page = PageRequest::new(first, Some(cursor.0.clone()));
    let fits = u32::try_from(first).is_ok_and(|first| first <= MAX_PAGE_SIZE);
    assert_eq!(page.is_ok(), fits, "{first}");
    assert!(page.is_err() || page.is_ok_and(|page| page.after.as_deref() == Some(&*key) && page.limit() <= 101));

    let changed = source.mutated(cursor.0.as_bytes());
    for sent in [String::from_utf8_lossy(&changed).into_owned(), source.text("abcXYZ0189-_=+/ ", 24)] {
        match Cursor(sent.clone()).decode() {
            Ok(key) => assert_eq!(Cursor::encode(&key).0, sent, "two names for one position"),
            Err(refusal) => assert_eq!(refusal.field, ["after"]),
        }
    }
}
