//! What puts messages into the outbox.

mod enqueue;

pub use enqueue::{Content, NewMessage, TemporaryAccessFacts, enqueue, enqueue_sealed_by};
