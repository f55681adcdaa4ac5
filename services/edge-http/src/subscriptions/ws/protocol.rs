//! The messages of graphql-transport-ws, and why a connection is closed.

use std::borrow::Cow;
use std::time::Duration;

use async_graphql::{Response, ServerError};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use core_kernel::Fault;
use futures::SinkExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::body::GraphqlRequest;

/// Its name in the handshake.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";
/// How long the last frame may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// The longest identifier that a client gives an operation.
const MAX_ID: usize = 128;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: GraphqlRequest,
    },
    Complete {
        id: String,
    },
}

/// What is said to it.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: &'a str,
        payload: &'a Response,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl ServerMessage<'_> {
    pub(super) fn text(&self) -> Message {
        // Only a map with keys that are no strings would not serialise, and there is none.
        Message::text(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Reads a client's message.
///
/// # Errors
/// 4400 for anything that the protocol does not know.
pub(super) fn parse(text: &str) -> Result<ClientMessage, Closing> {
    let message = serde_json::from_str(text).map_err(|_| Closing::BAD_MESSAGE)?;
    if let ClientMessage::Subscribe { id, .. } = &message
        && (id.is_empty() || id.len() > MAX_ID)
    {
        return Err(Closing::BAD_MESSAGE);
    }
    Ok(message)
}

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closing {
    code: u16,
    reason: Cow<'static, str>,
}

impl Closing {
    /// The client left, or is out of reach: there is nobody to tell.
    pub(super) const GONE: Self = Self::of(0, "");
    pub(super) const STOPPING: Self = Self::of(1001, "The server is going away; come back");
    pub(super) const NOT_TEXT: Self = Self::of(4400, "Messages are JSON, as text");
    pub(super) const TOO_LONG: Self = Self::of(1009, "The message is too long");
    pub(super) const FLOOD: Self = Self::of(1008, "Too many messages");
    pub(super) const BAD_MESSAGE: Self = Self::of(4400, "This is no message of graphql-transport-ws");
    pub(super) const NOT_ACKNOWLEDGED: Self = Self::of(4401, "Unauthorized");
    pub(super) const NO_SUBPROTOCOL: Self = Self::of(4406, "Subprotocol not acceptable");
    pub(super) const INIT_TIMEOUT: Self = Self::of(4408, "Connection initialisation timeout");
    pub(super) const SECOND_INIT: Self = Self::of(4429, "Too many initialisation requests");

    const fn of(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    pub(super) fn taken(id: &str) -> Self {
        Self { code: 4409, reason: Cow::Owned(format!("Subscriber for {} already exists", shortened(id))) }
    }
}

/// A frame's reason holds 123 bytes.
fn shortened(id: &str) -> String {
    id.chars().filter(char::is_ascii_graphic).take(64).collect()
}

/// 4401 and 4403 for what a new attempt would not change, 1013 for what passes.
impl From<&Fault> for Closing {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Unauthenticated => Self::of(4401, "Unauthorized"),
            Fault::Forbidden { reason } => Self::of(4403, reason.unwrap_or("Forbidden")),
            Fault::BadRequest(_) => Self::of(4400, "The credential cannot be read"),
            Fault::RateLimited { .. } => Self::of(1013, "Too many connections or requests; come back later"),
            Fault::Unavailable | Fault::Internal(_) => Self::of(1013, "Unavailable; come back later"),
        }
    }
}

/// Says why, and closes.
pub(super) async fn close(socket: &mut WebSocket, closing: &Closing) {
    if closing == &Closing::GONE {
        return;
    }
    let frame = CloseFrame { code: closing.code, reason: closing.reason.as_ref().into() };
    let farewell = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            // What the client still says is of no interest; its own farewell is.
            while matches!(socket.recv().await, Some(Ok(message)) if !matches!(message, Message::Close(_))) {}
        }
        let _ = socket.close().await;
    };
    let _ = timeout(CLOSE_WITHIN, farewell).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocols_messages_are_read() {
        assert!(matches!(parse(r#"{"type":"connection_init"}"#), Ok(ClientMessage::ConnectionInit { payload: None })));
        assert!(matches!(parse(r#"{"type":"ping","payload":{"a":1}}"#), Ok(ClientMessage::Ping { payload: Some(_) })));
        assert!(matches!(parse(r#"{"type":"pong"}"#), Ok(ClientMessage::Pong {})));
        let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"subscription { a }","variables":{"a":1}}}"#;
        assert!(matches!(parse(subscribe), Ok(ClientMessage::Subscribe { id, .. }) if id == "1"));
        assert!(matches!(parse(r#"{"type":"complete","id":"1"}"#), Ok(ClientMessage::Complete { .. })));
    }

    #[test]
    fn anything_else_is_not() {
        let long = format!(r#"{{"type":"subscribe","id":"{}","payload":{{"query":"q"}}}}"#, "x".repeat(129));
        for bad in [
            "",
            "null",
            "[]",
            r#"{"type":"start","id":"1","payload":{"query":"q"}}"#,
            r#"{"type":"subscribe","payload":{"query":"q"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"q"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"q"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":"secret"}"#,
            long.as_str(),
        ] {
            assert_eq!(parse(bad).unwrap_err(), Closing::BAD_MESSAGE, "{bad}");
        }
    }

    #[test]
    fn answers_look_as_the_protocol_says() {
        let text = |message: &ServerMessage<'_>| message.text().into_text().unwrap().to_string();
        assert_eq!(text(&ServerMessage::ConnectionAck), r#"{"type":"connection_ack"}"#);
        assert_eq!(text(&ServerMessage::Pong { payload: None }), r#"{"type":"pong"}"#);
        assert_eq!(text(&ServerMessage::Complete { id: "1" }), r#"{"type":"complete","id":"1"}"#);
        let error = [ServerError::new("no", None)];
        let error = text(&ServerMessage::Error { id: "1", payload: &error });
        assert!(error.starts_with(r#"{"type":"error","id":"1","payload":[{"message":"no""#), "{error}");
    }

    #[test]
    fn a_reason_fits_into_a_frame() {
        let closing = Closing::taken(&"é".repeat(60));
        assert!(closing.reason.len() <= 123);
        assert!(Closing::taken(&"x".repeat(128)).reason.len() <= 123);
    }
}
