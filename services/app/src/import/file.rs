//! A file as the GraphQL multipart request specification sends it, read as it is sent.

use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt as _};
use serde_json::Value;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::show::Meter;

/// Long enough that no file holds it by accident.
pub(super) const BOUNDARY: &str = "postern-import-6f1d0c9b7a3e4852-9d4b1c7e";
const PIECE: usize = 64 << 10;

/// A body, and its length.
pub(super) struct Form {
    pub(super) length: u64,
    head: String,
    tail: String,
}

impl Form {
    /// For a file of this name and length, beside these operations.
    pub(super) fn new(operations: &Value, name: &str, bytes: u64) -> Self {
        let part = |name: &str, content: &str| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
        };
        let operations = part("operations", &operations.to_string());
        let map = part("map", r#"{"0": ["variables.input.file"]}"#);
        let name = name.replace(['"', '\\', '\r', '\n'], "_");
        let file = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"0\"; filename=\"{name}\"\r\n\
             Content-Type: text/csv\r\n\r\n"
        );
        let (head, tail) = (operations + &map + &file, format!("\r\n--{BOUNDARY}--\r\n"));
        Self { length: (head.len() + tail.len()) as u64 + bytes, head, tail }
    }

    /// The body, with the file in its place.
    pub(super) fn body(self, file: File, meter: Meter) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        let one = |text: String| stream::once(async move { Ok(Bytes::from(text)) });
        one(self.head).chain(pieces(file, meter)).chain(one(self.tail))
    }
}

fn pieces(file: File, meter: Meter) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    stream::try_unfold((file, meter, 0), |(mut file, mut meter, sent)| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        if read == 0 {
            return Ok(None);
        }
        piece.truncate(read);
        let sent = sent + read as u64;
        meter(sent);
        Ok(Some((Bytes::from(piece), (file, meter, sent))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt as _;

    #[tokio::test]
    async fn the_body_is_as_long_as_it_says_and_holds_the_file() {
        let path = std::env::temp_dir().join(format!("postern-import-test-{}", std::process::id()));
        tokio::fs::write(&path, b"external_id,kind\r\n").await.unwrap();
        let form = Form::new(&serde_json::json!({"query": "{a}"}), "a\"b.csv", 18);
        let length = form.length;
        let body: Vec<Bytes> =
            form.body(File::open(&path).await.unwrap(), Box::new(|_| {})).try_collect().await.unwrap();
        let body = String::from_utf8(body.concat()).unwrap();
        tokio::fs::remove_file(&path).await.unwrap();
        assert_eq!(body.len() as u64, length);
        assert!(body.contains("filename=\"a_b.csv\"") && body.contains("\r\n\r\nexternal_id,kind\r\n\r\n--"), "{body}");
    }
}
