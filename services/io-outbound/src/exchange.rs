//! One request and its answer on a connection of their own.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use crate::Failure;

/// The most that an answer's head may be, to within what comes by one read.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// What came back: a status, and the body, or why there is none. Whoever has no use for the body need not
/// care how it ended.
pub(crate) struct Heard {
    pub(crate) status: StatusCode,
    pub(crate) body: Result<Vec<u8>, Failure>,
}

/// Sends the request and reads the answer; of its body at most `max_answer_bytes`. It is read even where
/// nobody has a use for it: to hang up in the middle of a small one would be rude.
pub(crate) async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    max_answer_bytes: usize,
) -> Result<Heard, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shaken = http1::Builder::new().max_buf_size(MAX_HEAD_BYTES).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|_| Failure::Protocol)?;
    // Ends with this function, whoever drops it.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender.send_request(request).await.map_err(|_| Failure::Protocol)?;
    let status = response.status();
    Ok(Heard { status, body: read(response.into_body(), max_answer_bytes).await })
}

async fn read(mut body: Incoming, max_bytes: usize) -> Result<Vec<u8>, Failure> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::Protocol)?;
        let data = frame.data_ref().map_or(&[][..], Bytes::as_ref);
        if data.len() > max_bytes - read.len() {
            return Err(Failure::Size(max_bytes));
        }
        read.extend_from_slice(data);
    }
    Ok(read)
}
