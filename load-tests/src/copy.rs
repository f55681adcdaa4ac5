//! Rows in bulk, by COPY.

use std::fmt::Write;

use core_kernel::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

/// Sent in pieces of about this size, in bytes.
const PIECE: usize = 1 << 20;

/// Rows in COPY's text format. No value that is written here holds a tab, a line end or a backslash
/// of its own.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    text: String,
    begun: bool,
}

impl Rows {
    fn column(&mut self) -> &mut String {
        if self.begun {
            self.text.push('\t');
        }
        self.begun = true;
        &mut self.text
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.column().push_str(value);
        self
    }

    pub(crate) fn uuid(&mut self, value: Uuid) -> &mut Self {
        let mut buffer = Uuid::encode_buffer();
        self.column().push_str(value.hyphenated().encode_lower(&mut buffer));
        self
    }

    pub(crate) fn number(&mut self, value: i64) -> &mut Self {
        let _ = write!(self.column(), "{value}");
        self
    }

    pub(crate) fn time(&mut self, value: Timestamp) -> &mut Self {
        let _ = write!(self.column(), "{}", value.format("%Y-%m-%d %H:%M:%S%.6f+00"));
        self
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        let text = self.column();
        text.push_str("\\\\x");
        for byte in value {
            let _ = write!(text, "{byte:02x}");
        }
        self
    }

    pub(crate) fn end(&mut self) {
        self.text.push('\n');
        self.begun = false;
    }

    fn take_piece(&mut self, least: usize) -> Option<String> {
        (self.text.len() > least).then(|| std::mem::take(&mut self.text))
    }
}

/// Copies what `fill` writes for each of `items` into `table` (with its column list).
pub(crate) async fn copy<T>(
    connection: &mut PgConnection,
    table: &str,
    items: impl IntoIterator<Item = T>,
    mut fill: impl FnMut(&mut Rows, T),
) -> anyhow::Result<()> {
    let mut stream = connection.copy_in_raw(&format!("copy {table} from stdin")).await?;
    let mut rows = Rows::default();
    for item in items {
        fill(&mut rows, item);
        rows.end();
        if let Some(piece) = rows.take_piece(PIECE) {
            stream.send(piece.into_bytes()).await?;
        }
    }
    if let Some(rest) = rows.take_piece(0) {
        stream.send(rest.into_bytes()).await?;
    }
    stream.finish().await?;
    Ok(())
}
