//! Of webhooks.

use async_graphql::Enum;

enums! {
    /// What an endpoint is told of. On the wire in the form `login.completed`.
    #[graphql(remote = "svc_audit::EventKind")]
    WebhookEvent {
        /// A login was completed, or allowed.
        LoginCompleted,
        /// A login was denied.
        LoginDenied,
        /// A login's tries were used up.
        ChallengeFailed,
        /// A factor became active.
        FactorAdded,
        /// A factor was removed.
        FactorRemoved,
        /// A user was locked.
        UserLocked,
        /// A user asked the advisor for help.
        TemporaryAccessRequested,
        /// An advisor issued a code.
        TemporaryAccessIssued,
        /// A message could not be delivered.
        MessageFailed,
        /// Messages to a prefix of numbers were stopped.
        PrefixBlocked,
        /// A policy version was published.
        PolicyPublished,
        /// An import came to its end.
        ImportFinished,
        /// The month's spending comes near its cap.
        SpendingCapNear,
        /// The month's spending has reached its cap.
        SpendingCapReached,
    }
    /// How far a webhook's delivery is.
    #[graphql(remote = "svc_webhooks::DeliveryStatus")]
    WebhookDeliveryStatus {
        /// Waiting for its first or next attempt.
        Queued,
        /// On its way.
        Sending,
        /// It arrived: the answer was a 2xx.
        Delivered,
        /// Given up after about three days; `redeliverWebhook` sends it again.
        Failed,
        /// Not sent: its endpoint was disabled.
        Canceled,
    }
}
