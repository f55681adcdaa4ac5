//! A client that costs as little as possible: it shares two cores with what it measures. Requests are
//! bytes made beforehand, of responses only the length is parsed.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection that is kept open.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    response: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::with_capacity(2_048), response: Vec::with_capacity(8_192) })
    }

    /// Posts JSON and gives the body of the answer.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is not 200.
    pub async fn post(&mut self, path: &str, api_key: &str, json: &[u8]) -> anyhow::Result<&[u8]> {
        self.send(["POST ", "200"], path, api_key, json).await
    }

    /// Sends JSON by a method, which a space follows, and gives the body of the answer, which has this status.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is another one.
    pub async fn send(
        &mut self,
        [method, expected]: [&str; 2],
        path: &str,
        api_key: &str,
        json: &[u8],
    ) -> anyhow::Result<&[u8]> {
        self.request.clear();
        let head = [
            method,
            path,
            " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer ",
            api_key,
            "\r\ncontent-length: ",
        ];
        head.iter().for_each(|part| self.request.extend_from_slice(part.as_bytes()));
        self.request.extend_from_slice(json.len().to_string().as_bytes());
        self.request.extend_from_slice(b"\r\n\r\n");
        self.request.extend_from_slice(json);
        self.stream.write_all(&self.request).await?;
        let body = self.receive().await?;
        let status = self.response.get(9..12).unwrap_or_default();
        if status != expected.as_bytes() {
            bail!("answered {}", String::from_utf8_lossy(&self.response));
        }
        Ok(&self.response[body..])
    }

    /// Reads one whole response and tells where its body begins.
    async fn receive(&mut self) -> anyhow::Result<usize> {
        self.response.clear();
        let mut body = None;
        loop {
            ensure!(self.stream.read_buf(&mut self.response).await? > 0, "the server closed the connection");
            if body.is_none() {
                body = find(&self.response, b"\r\n\r\n").map(|end| (end + 4, content_length(&self.response[..end])));
            }
            if let Some((begin, length)) = &body
                && self.response.len() >= begin + *length.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?
            {
                return Ok(*begin);
            }
        }
    }
}

/// Hyper writes its header names in small letters.
fn content_length(head: &[u8]) -> anyhow::Result<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let at = find(head, NAME).context("a response without a length")? + NAME.len();
    let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    Ok(std::str::from_utf8(&head[at..at + digits])?.parse()?)
}

/// Where `wanted` begins in `text`.
#[must_use]
pub fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// The text between `before` and the next quotation mark.
#[must_use]
pub fn value_after<'a>(text: &'a [u8], before: &[u8]) -> Option<&'a str> {
    let begin = find(text, before)? + before.len();
    let length = text[begin..].iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&text[begin..begin + length]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_read_and_its_absence_is_an_error() {
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\ncontent-length: 120\r\nx: y").unwrap(), 120);
        assert!(content_length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked").is_err());
    }

    #[test]
    fn values_are_found_by_what_stands_before_them() {
        let body = br#"{"data":{"a":{"id":"login_x","methods":[{"id":"method_y"}]}}}"#;
        assert_eq!(value_after(body, br#""methods":[{"id":""#), Some("method_y"));
        assert_eq!(value_after(body, b"absent"), None);
    }
}
