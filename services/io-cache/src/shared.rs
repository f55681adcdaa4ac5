//! Faults that several callers waited for.

use std::sync::Arc;

use core_kernel::Fault;

/// A caller's own copy of a shared fault, of the same kind. An internal one keeps the shared one as its
/// source, so that each caller logs the cause.
#[must_use]
pub fn unshare(shared: Arc<Fault>) -> Fault {
    Arc::try_unwrap(shared).unwrap_or_else(|shared| match &*shared {
        Fault::Unauthenticated => Fault::Unauthenticated,
        Fault::Forbidden { reason } => Fault::Forbidden { reason: *reason },
        Fault::RateLimited { retry_after_seconds } => Fault::RateLimited { retry_after_seconds: *retry_after_seconds },
        Fault::BadRequest(message) => Fault::BadRequest(message.clone()),
        Fault::Unavailable => Fault::Unavailable,
        Fault::Internal(_) => Fault::internal(shared),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    fn twice(fault: Fault) -> (Fault, Fault) {
        let shared = Arc::new(fault);
        (unshare(Arc::clone(&shared)), unshare(shared))
    }

    #[test]
    fn every_caller_hears_the_same() {
        for fault in [
            Fault::Unauthenticated,
            Fault::Forbidden { reason: Some("TENANT_REQUIRED") },
            Fault::RateLimited { retry_after_seconds: 7 },
            Fault::BadRequest("no".to_owned()),
            Fault::Unavailable,
        ] {
            let told = format!("{fault:?}");
            let (first, second) = twice(fault);
            assert_eq!((format!("{first:?}"), format!("{second:?}")), (told.clone(), told));
        }
    }

    #[test]
    fn an_internal_fault_keeps_its_cause() {
        let (first, second) = twice(Fault::internal("disk full"));
        assert!(format!("{first:?}").contains("disk full") && format!("{second:?}").contains("disk full"));
        assert!(matches!((&first, &second), (Fault::Internal(_), Fault::Internal(_))));
        assert!(first.source().is_some() && !first.to_string().contains("disk"));
    }
}
