//! Of usage and what it costs.

use async_graphql::Enum;

enums! {
    /// How usage is added up; in UTC.
    #[graphql(remote = "svc_billing::UsageBucket")]
    UsageBucket {
        /// By hours.
        Hour,
        /// By days.
        Day,
        /// By calendar months.
        Month,
    }
    /// Whether a tenant pays.
    #[graphql(remote = "svc_billing::PaymentStatus")]
    PaymentStatus {
        /// Nothing is collected.
        None,
        /// Payments arrive.
        Active,
        /// A payment failed.
        PastDue,
        /// The subscription has ended.
        Canceled,
    }
    /// How far an invoice is.
    #[graphql(remote = "svc_billing::InvoiceStatus")]
    InvoiceStatus {
        /// It is being written.
        Draft,
        /// It is to be paid.
        Open,
        /// It is paid.
        Paid,
        /// It does not hold.
        Void,
        /// It will not be paid.
        Uncollectible,
    }
}
