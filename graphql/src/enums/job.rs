//! Of what takes its time: simulations, imports, an advisor's answer.

use async_graphql::Enum;

enums! {
    /// How far a job has come.
    #[graphql(remote = "svc_simulation::SimulationStatus")]
    JobStatus {
        /// Waiting for a worker.
        Queued,
        /// At work.
        Running,
        /// Done.
        Completed,
        /// It broke off.
        Failed,
        /// Somebody ended it.
        Canceled,
    }
    /// What a file holds.
    #[graphql(remote = "svc_onboarding::ImportKind")]
    ImportKind {
        /// Users of a tenant.
        Users,
        /// Tenants of a partner.
        Tenants,
    }
    /// How far an import has come.
    #[graphql(remote = "svc_onboarding::ImportStatus")]
    ImportStatus {
        /// Waiting for a worker.
        Queued,
        /// At work.
        Running,
        /// Every row is in.
        Completed,
        /// Some rows were refused; the others are in.
        CompletedWithErrors,
        /// The file could not be read; nothing was changed.
        Failed,
        /// Somebody ended it; what was in by then stays.
        Canceled,
    }
    /// Where a plea stands.
    #[graphql(remote = "svc_helpdesk::RequestStatus")]
    TemporaryAccessRequestStatus {
        /// Waiting for the advisor.
        Open,
        /// Answered with a code.
        Approved,
        /// Answered with no.
        Declined,
        /// The login ended first.
        Expired,
    }
}
