//! The form of the GraphQL multipart request specification: `operations`, `map`, and a file, in this
//! order, so that all that is to be known of the file is known before it comes.

use std::time::Duration;

use async_graphql::{Name, Value, Variables};
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt as _;
use graphql::UPLOAD_VARIABLE;
use svc_onboarding::UploadFault;

use super::multipart::{Parser, PartHead, Piece};

/// A body that says nothing for so long has broken off.
const SILENCE: Duration = Duration::from_secs(30);

/// A form on its way.
pub(super) struct Form {
    body: BodyDataStream,
    parser: Parser,
    /// Bytes that may still come.
    left: u64,
}

impl Form {
    pub(super) fn new(body: Body, boundary: &str, max_bytes: u64) -> Self {
        Self { body: body.into_data_stream(), parser: Parser::new(boundary), left: max_bytes }
    }

    async fn next(&mut self) -> Result<Piece, UploadFault> {
        loop {
            match self.parser.next().map_err(|_| UploadFault::Malformed)? {
                Piece::More => self.feed().await?,
                piece => return Ok(piece),
            }
        }
    }

    async fn feed(&mut self) -> Result<(), UploadFault> {
        let came = tokio::time::timeout(SILENCE, self.body.next()).await;
        let bytes = match came {
            Ok(Some(Ok(bytes))) => bytes,
            Ok(None) => return Err(UploadFault::Malformed),
            Ok(Some(Err(_))) | Err(_) => return Err(UploadFault::BrokenOff),
        };
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(UploadFault::TooLong)?;
        self.parser.feed(&bytes);
        Ok(())
    }

    /// The whole of the next part, which must be this one, and short.
    pub(super) async fn field(&mut self, name: &str, max_bytes: usize) -> Result<Vec<u8>, UploadFault> {
        if self.head().await?.name != name {
            return Err(UploadFault::Malformed);
        }
        let mut whole = Vec::new();
        while let Some(bytes) = self.chunk().await? {
            if whole.len() + bytes.len() > max_bytes {
                return Err(UploadFault::TooLong);
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }

    /// What the next part says of itself; nothing is read of it.
    pub(super) async fn head(&mut self) -> Result<PartHead, UploadFault> {
        match self.next().await? {
            Piece::Head(head) => Ok(head),
            _ => Err(UploadFault::Malformed),
        }
    }

    /// More of the part that has begun; none at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, UploadFault> {
        match self.next().await? {
            Piece::Data(bytes) => Ok(Some(bytes)),
            Piece::PartEnd => Ok(None),
            _ => Err(UploadFault::Malformed),
        }
    }

    /// Reads on without looking, so that whoever sends is not cut off in mid-sentence and hears the answer.
    pub(super) async fn drain(&mut self, at_most: u64, within: Duration) {
        let mut left = at_most;
        let reading = async {
            while let Some(Ok(bytes)) = self.body.next().await {
                left = left.saturating_sub(bytes.len() as u64);
                if left == 0 {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(within, reading).await;
    }
}

/// Which part is the file, from `map`: one part, mapped to one variable.
pub(super) fn mapped(map: &[u8]) -> Option<(String, Vec<String>)> {
    let map: std::collections::HashMap<String, Vec<String>> = serde_json::from_slice(map).ok()?;
    let mut parts = map.into_iter();
    let (part, paths) = parts.next().filter(|_| parts.next().is_none())?;
    let [path] = <[String; 1]>::try_from(paths).ok()?;
    let mut steps = path.split('.').map(str::to_owned);
    (steps.next()? == "variables").then(|| (part, steps.collect()))
}

/// Puts the mark of the file where `map` says, which must be null, as the specification has it.
pub(super) fn mark(variables: &mut Variables, path: &[String]) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let place = variables.get_mut(&Name::new(first))?;
    let place = rest.iter().try_fold(place, |value, step| match value {
        Value::Object(fields) => fields.get_mut(step.as_str()),
        _ => None,
    })?;
    (*place == Value::Null).then(|| *place = Value::from(UPLOAD_VARIABLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str, max_bytes: u64) -> Form {
        let pieces: Vec<Result<Bytes, std::io::Error>> =
            text.as_bytes().chunks(7).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Form::new(Body::from_stream(futures::stream::iter(pieces)), "b", max_bytes)
    }

    fn part(name: &str, content: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
    }

    #[tokio::test]
    async fn fields_come_in_order_and_the_file_after_them() {
        let text = format!("{}{}{}--b--", part("operations", "{}"), part("map", "[]"), part("0", "a,b"));
        let mut form = form(&text, 1_000);
        assert_eq!(form.field("operations", 10).await.unwrap(), b"{}");
        assert_eq!(form.field("map", 10).await.unwrap(), b"[]");
        assert_eq!(form.head().await.unwrap().name, "0");
        let mut content = Vec::new();
        while let Some(bytes) = form.chunk().await.unwrap() {
            content.extend_from_slice(&bytes);
        }
        assert_eq!(content, b"a,b");
    }

    #[tokio::test]
    async fn another_order_or_too_much_is_refused() {
        assert_eq!(form(&part("map", "{}"), 1_000).field("operations", 10).await, Err(UploadFault::Malformed));
        assert_eq!(
            form(&part("operations", "far longer than what may come"), 1_000).field("operations", 3).await,
            Err(UploadFault::TooLong)
        );
        assert_eq!(form(&part("operations", "{}"), 20).field("operations", 10).await, Err(UploadFault::TooLong));
        assert_eq!(form("--b\r\nContent-Dispo", 1_000).head().await, Err(UploadFault::Malformed));
    }

    #[test]
    fn one_part_is_mapped_to_one_variable() {
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
        assert_eq!(mapped(br#"{"0": ["variables.input.file"]}"#), Some(("0".into(), path(&["input", "file"]))));
        for map in [
            r#"{}"#,
            r#"{"0": []}"#,
            r#"{"0": ["variables.a", "variables.b"]}"#,
            r#"{"0": ["variables.a"], "1": ["variables.b"]}"#,
            r#"{"0": ["0.variables.a"]}"#,
            r#"["variables.a"]"#,
        ] {
            assert_eq!(mapped(map.as_bytes()), None, "{map}");
        }
    }

    #[test]
    fn the_mark_stands_where_null_stood() {
        let variables = |json| Variables::from_json(json);
        let path = ["input".to_owned(), "file".to_owned()];
        let mut given = variables(serde_json::json!({"input": {"file": null, "dryRun": true}}));
        assert!(mark(&mut given, &path).is_some());
        let marked = variables(serde_json::json!({"input": {"file": UPLOAD_VARIABLE, "dryRun": true}}));
        assert_eq!(given, marked);
        for other in [
            serde_json::json!({}),
            serde_json::json!({"input": {}}),
            serde_json::json!({"input": {"file": "x"}}),
            serde_json::json!({"input": [null]}),
        ] {
            assert!(mark(&mut variables(other), &path).is_none());
        }
    }
}
