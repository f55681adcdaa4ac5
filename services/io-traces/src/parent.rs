//! The span that another began for: of a caller's trace, as W3C Trace Context says it, or of a trace of our own that
//! goes on in another process.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};

/// The header.
pub const TRACEPARENT: &str = "traceparent";
/// The bytes of a trace's name.
const TRACE: usize = 16;
/// With those of a span's.
const STORED: usize = TRACE + 8;

/// The caller's span, or that in which something was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    trace: u128,
    span: u64,
    sampled: bool,
}

impl Parent {
    /// Reads `00-{32 hexadecimal digits}-{16}-{2}`; a later version may go on behind that. What is
    /// malformed, or all zero, is as good as nothing.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let mut parts = header.trim().splitn(5, '-');
        let version = hexadecimal(parts.next()?, 2)?;
        let trace = hexadecimal(parts.next()?, 32)?;
        let span = hexadecimal(parts.next()?, 16)?;
        let flags = hexadecimal(parts.next()?, 2)?;
        let goes_on = parts.next().is_some();
        let valid = version != 0xff && !(version == 0 && goes_on) && trace != 0 && span != 0;
        let span = u64::try_from(span).ok()?;
        valid.then_some(Self { trace, span, sampled: flags & 1 == 1 })
    }

    /// A span whose trace is kept, if it is.
    pub(crate) fn kept(span: &SpanContext) -> Option<Self> {
        let (trace, span_id) = (u128::from_be_bytes(span.trace_id().to_bytes()), span.span_id().to_bytes());
        let kept = span.is_valid() && span.is_sampled();
        kept.then_some(Self { trace, span: u64::from_be_bytes(span_id), sampled: true })
    }

    /// The trace's name and the span's, as they are stored with what is queued. That it is kept is not said: only what
    /// is kept is stored.
    #[must_use]
    pub fn to_bytes(self) -> [u8; STORED] {
        let mut bytes = [0; STORED];
        bytes[..TRACE].copy_from_slice(&self.trace.to_be_bytes());
        bytes[TRACE..].copy_from_slice(&self.span.to_be_bytes());
        bytes
    }

    /// What [`Self::to_bytes`] made; `None` for anything else.
    #[must_use]
    pub fn from_bytes(stored: &[u8]) -> Option<Self> {
        let (trace, span) = stored.split_at_checked(TRACE)?;
        let (trace, span) = (u128::from_be_bytes(trace.try_into().ok()?), u64::from_be_bytes(span.try_into().ok()?));
        (trace != 0 && span != 0).then_some(Self { trace, span, sampled: true })
    }

    /// As the SDK has it.
    pub(crate) fn context(self) -> Context {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let (trace, span) = (TraceId::from(self.trace), SpanId::from(self.span));
        Context::new().with_remote_span_context(SpanContext::new(trace, span, flags, true, TraceState::default()))
    }
}

/// So many hexadecimal digits, lower case as the recommendation has it.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let plain = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn a_callers_span_is_read() {
        let read = |flags: &str| Parent::read(&format!("00-{TRACE}-{SPAN}-{flags}")).unwrap();
        let parent = read("01");
        assert_eq!((parent.trace, parent.span), (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331));
        assert!(parent.sampled && !read("00").sampled && read("03").sampled);
        let context = parent.context();
        assert_eq!(context.span().span_context().trace_id().to_string(), TRACE);
        assert!(context.span().span_context().is_remote());
    }

    #[test]
    fn a_later_version_may_say_more_and_this_one_may_not() {
        assert!(Parent::read(&format!("cc-{TRACE}-{SPAN}-01-what-comes")).is_some());
        assert!(Parent::read(&format!("00-{TRACE}-{SPAN}-01-x")).is_none());
    }

    #[test]
    fn what_is_stored_is_the_same_span_of_a_trace_that_is_kept() {
        let read = |flags: &str| Parent::read(&format!("00-{TRACE}-{SPAN}-{flags}")).unwrap();
        let parent = read("01");
        assert_eq!(Parent::from_bytes(&parent.to_bytes()), Some(parent));
        let known = |parent: Parent| parent.context().span().span_context().clone();
        assert_eq!(Parent::kept(&known(parent)), Some(parent));
        assert_eq!(Parent::kept(&known(read("00"))), None, "nobody keeps it");
        assert_eq!(Parent::kept(&SpanContext::empty_context()), None);
    }

    #[test]
    fn what_else_is_stored_is_nothing() {
        let whole = Parent::read(&format!("00-{TRACE}-{SPAN}-01")).unwrap().to_bytes();
        let cases = [
            (whole[..23].to_vec(), "too short"),
            ([&whole[..], &[0]].concat(), "too long"),
            ([&[0; 16][..], &whole[16..]].concat(), "no trace"),
            ([&whole[..16], &[0; 8]].concat(), "no span"),
            (Vec::new(), "nothing"),
        ];
        for (stored, why) in cases {
            assert_eq!(Parent::from_bytes(&stored), None, "{why}");
        }
    }

    #[test]
    fn what_is_malformed_is_nothing() {
        let zero = "0".repeat(32);
        for header in [
            String::new(),
            "00".into(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{zero}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zero[..16]),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}{SPAN}-01"),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            "-".repeat(100_000),
        ] {
            assert_eq!(Parent::read(&header), None, "{}", &header[..header.len().min(60)]);
        }
    }
}
