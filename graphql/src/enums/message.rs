//! Of messages.

use async_graphql::Enum;

enums! {
    /// How a message travels.
    #[graphql(remote = "svc_delivery::MessageChannel")]
    MessageChannel {
        /// A text message.
        Sms,
        /// A phone call.
        Voice,
        /// A mail.
        Email,
    }
    /// What a message is for.
    #[graphql(remote = "svc_delivery::MessagePurpose")]
    MessagePurpose {
        /// A code.
        Code,
        /// A link that stands in for the password.
        OneTimeLink,
        /// The announcement of the rollout.
        EnrollmentReminder,
        /// An invitation to the console.
        AdminInvitation,
        /// A change to a user's factors, told to the others.
        SecurityNotice,
        /// A user asks the advisor.
        TemporaryAccessRequest,
        /// The spending cap is near, or reached: told to those who answer for the bill.
        BillingNotice,
    }
    /// Where a message stands.
    #[graphql(remote = "svc_delivery::MessageStatus")]
    MessageStatus {
        /// Waiting for a worker.
        Queued,
        /// On its way to a provider.
        Sending,
        /// Taken by the provider: from here on it is billed.
        Accepted,
        /// Arrived.
        Delivered,
        /// Did not arrive.
        Failed,
        /// Never handed to a provider: cap reached, destination blocked, or expired while queued.
        Canceled,
    }
}
