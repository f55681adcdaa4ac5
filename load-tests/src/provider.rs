//! A gateway for texts that answers after a while, as a provider across the country does, and remembers
//! when each message's first byte was there. On a thread of its own.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use core_kernel::{Clock, MessageId, SystemClock, Timestamp, TypedId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::http::{find, value_after};

/// How long it takes over an answer.
pub const ANSWERS_AFTER: Duration = Duration::from_millis(50);

/// What the operator's own gateway says, and Twilio too: each reads what is its own.
const ACCEPTED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 33\r\n\r\n{\"sid\":\"SM0\",\"status\":\"accepted\"}";

type Arrivals = Arc<Mutex<HashMap<MessageId, Timestamp>>>;

/// The provider; it stops when this is dropped.
#[derive(Debug)]
pub struct Provider {
    /// Where it listens.
    pub address: SocketAddr,
    arrivals: Arrivals,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Provider {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let arrivals = Arrivals::default();
        let noted = arrivals.clone();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! { _ = stopped => {}, _ = serve(listener, noted) => {} }
            });
        });
        Ok(Self { address, arrivals, stop, thread })
    }

    /// Dies with all its connections; when each message was there until then.
    #[must_use]
    pub fn die(self) -> HashMap<MessageId, Timestamp> {
        drop(self.stop);
        // A thread that panicked is dead as well.
        let _ = self.thread.join();
        std::mem::take(&mut self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many messages are there.
    #[must_use]
    pub fn count(&self) -> usize {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// When each was there, and forgets them.
    #[must_use]
    pub fn take(&self) -> HashMap<MessageId, Timestamp> {
        std::mem::take(&mut self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(listener: std::net::TcpListener, arrivals: Arrivals) -> anyhow::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(answer_all(stream, arrivals.clone()));
    }
}

/// Requests come one after the other on a connection; none is sent before the answer to the last.
async fn answer_all(mut stream: TcpStream, arrivals: Arrivals) -> anyhow::Result<()> {
    let mut request = Vec::with_capacity(2_048);
    loop {
        request.clear();
        let mut first_byte = None;
        while !is_whole(&request) {
            if stream.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
            first_byte.get_or_insert_with(|| SystemClock.now());
        }
        let id = message_of(&request).context("a message without an id")?;
        let at = first_byte.context("no byte")?;
        arrivals.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(at);
        tokio::time::sleep(ANSWERS_AFTER).await;
        stream.write_all(ACCEPTED).await?;
    }
}

/// In JSON it has a field of its own; in Twilio's form it stands in the address for reports.
fn message_of(request: &[u8]) -> Option<MessageId> {
    const REPORTS: &[u8] = b"callbacks%2Ftwilio%2F";
    if let Some(id) = value_after(request, br#""id":""#) {
        return MessageId::from_text(id);
    }
    let rest = &request[find(request, REPORTS)? + REPORTS.len()..];
    let length = rest.iter().position(|byte| *byte == b'%')?;
    MessageId::from_text(std::str::from_utf8(&rest[..length]).ok()?)
}

fn is_whole(request: &[u8]) -> bool {
    let Some(head) = find(request, b"\r\n\r\n") else { return false };
    let length = value_after_colon(&request[..head]).unwrap_or(0);
    request.len() >= head + 4 + length
}

fn value_after_colon(head: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(head).ok()?;
    let line =
        text.lines().find(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case("content-length:")))?;
    line[15..].trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let request = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        assert!(is_whole(request) && !is_whole(&request[..request.len() - 1]) && !is_whole(b"POST / HTTP/1.1\r\n"));
    }

    #[test]
    fn both_kinds_of_requests_tell_which_message_they_are() {
        let id = MessageId(uuid::Uuid::from_u128(7));
        let json = format!("POST / HTTP/1.1\r\n\r\n{{\"id\":\"{}\",\"to\":\"+1\"}}", id.to_text());
        let form = format!(
            "POST / HTTP/1.1\r\n\r\nTo=%2B1&StatusCallback=http%3A%2F%2Fa%2Fcallbacks%2Ftwilio%2F{}%2Fabc",
            id.to_text()
        );
        for request in [json, form] {
            assert_eq!(message_of(request.as_bytes()), Some(id), "{request}");
        }
        assert_eq!(message_of(b"POST / HTTP/1.1\r\n\r\nTo=1"), None);
        let head = find(ACCEPTED, b"\r\n\r\n").unwrap();
        assert_eq!(value_after_colon(&ACCEPTED[..head]), Some(ACCEPTED.len() - head - 4));
    }
}
