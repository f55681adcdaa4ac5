//! Traces of requests and messages, for whoever collects them by OTLP.
//!
//! What a span may say is fixed here and nowhere else ([`spans`]): there is no function that takes a code,
//! a number, an address or a token, so that none can be exported by mistake. Names and attributes are
//! those of OpenTelemetry's semantic conventions, where there are any.
//!
//! Nothing waits for a collector. Spans that are over go into a bounded queue, and a thread of its own
//! sends them; where the collector is away or hangs, the queue fills, and what does not fit is dropped and
//! counted. Without a collector no span is made at all: a disabled one costs an atomic load.
//!
//! Whether a trace is kept is decided when it begins, by a fraction of all. A client's `traceparent` is
//! believed only where the operator says that clients are his own: a stranger must not decide what is
//! kept, or put his spans into another's trace.

mod client;
mod export;
mod ids;
mod parent;
mod pipeline;
pub mod spans;

pub use export::SpanCounts;
pub use parent::{Parent, TRACEPARENT};
pub use pipeline::{TraceOptions, Traces};
