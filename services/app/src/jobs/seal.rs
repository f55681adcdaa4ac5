//! Sealing the audit log. Every worker does it; they take turns at each tenant.

use svc_audit::chain::Sealer;

use super::Jobs;
use crate::wiring::Wiring;

impl Jobs {
    /// Seals what was written into tenants' logs. It stops by itself when told to, having finished the tenant in hand.
    pub(crate) fn seal_logs(&mut self, wiring: &Wiring) {
        let (sealer, stop) = (Sealer::new(wiring.platform.clone()), self.stop.clone());
        self.tasks.spawn(async move { sealer.run(stop).await });
    }
}
