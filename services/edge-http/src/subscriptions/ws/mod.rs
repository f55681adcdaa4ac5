//! WebSocket: `GET /graphql` with the subprotocol graphql-transport-ws
//! (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>).
//!
//! The credential comes in `connection_init`, never in the address, which ends up in logs. A browser
//! sends the console's cookie with a handshake that any page began, and asks nobody: the cookie counts
//! only where the handshake's `Origin` is this installation's own.

mod connection;
mod init;
mod operations;
mod protocol;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use self::connection::Connection;
use self::init::Handshake;
use self::protocol::{Closing, SUBPROTOCOL};
use crate::gateway::{Gateway, post_only};
use crate::refusal::Refused;

/// The longest message of a client.
const MAX_MESSAGE: usize = 64 * 1024;
/// What may lie in the buffer of a connection that is slow: one answer and a bit.
const MAX_UNSENT: usize = 1024 * 1024;

/// Answers a handshake; any other GET is refused as ever.
pub(crate) async fn get(State(gateway): State<Gateway>, request: Request) -> Response {
    if !is_handshake(request.headers()) {
        return post_only().await.into_response();
    }
    match accept(&gateway, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

fn is_handshake(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

async fn accept(gateway: &Gateway, request: Request) -> Result<Response, Refused> {
    let place = gateway.lines().arrive()?;
    let (mut parts, _) = request.into_parts();
    let handshake = Handshake::read(&parts, &gateway.platform().public_url);
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    let upgrade = upgrade.map_err(|_| Refused::bad(StatusCode::BAD_REQUEST, "This is no WebSocket handshake."))?;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_UNSENT);
    let gateway = gateway.clone();
    let tasks = gateway.lines().tasks.clone();
    Ok(upgrade.on_upgrade(move |socket| {
        tasks.track_future(async move {
            converse(gateway, socket, handshake).await;
            drop(place);
        })
    }))
}

async fn converse(gateway: Gateway, mut socket: WebSocket, handshake: Handshake) {
    if socket.protocol().is_none() {
        protocol::close(&mut socket, &Closing::NO_SUBPROTOCOL).await;
        return;
    }
    Connection::new(gateway, socket, handshake).run().await;
}
