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

/// Sends the request and reads the answer's status; of its body at most `max_answer_bytes`, for which
/// nobody has a use: to hang up in the middle of a small one would be rude.
pub(crate) async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    max_answer_bytes: usize,
) -> Result<StatusCode, Failure>
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
    pass_over(response.into_body(), max_answer_bytes).await;
    Ok(status)
}

async fn pass_over(mut body: Incoming, max_bytes: usize) {
    let mut read = 0;
    while read < max_bytes {
        match body.frame().await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => return,
        }
    }
}
