//! Of what users can prove.

use async_graphql::Enum;

enums! {
    /// Which of a user's phones.
    #[graphql(remote = "core_policy::PhoneRole")]
    PhoneRole {
        /// The usual one.
        Primary,
        /// A fallback. Either may be a landline.
        Recovery,
    }
    /// What kind of line a phone is on.
    #[graphql(remote = "core_policy::PhoneLine")]
    PhoneLine {
        /// Takes texts and calls.
        Mobile,
        /// Reached by voice call only.
        Landline,
    }
    /// Where a factor stands.
    #[graphql(remote = "core_policy::FactorStatus")]
    FactorStatus {
        /// Enrolled but not yet confirmed; proves nothing.
        Pending,
        /// Can be proved.
        Active,
        /// Too many wrong codes: proves nothing, still counts as enrolled, until SUPPORT or a verified login replaces it.
        Disabled,
    }
}
