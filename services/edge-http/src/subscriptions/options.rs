//! What an installation may choose.

use std::time::Duration;

/// How many connections stay open, and how patiently.
#[derive(Debug, Clone)]
pub struct SubscriptionOptions {
    /// Connections of this process.
    pub per_process: usize,
    /// Connections of one tenant.
    pub per_tenant: usize,
    /// Connections of one API key or administrator.
    pub per_credential: usize,
    /// Subscriptions of one WebSocket.
    pub per_connection: usize,
    /// How long a client may take to say who it is.
    pub init_within: Duration,
    /// How often a silent client is asked whether it is still there; after two and a half times as long
    /// without a word it is left.
    pub ping_every: Duration,
    /// How long a client may take over what it is sent.
    pub send_within: Duration,
}

impl Default for SubscriptionOptions {
    fn default() -> Self {
        Self {
            per_process: 4_096,
            per_tenant: 1_000,
            per_credential: 200,
            per_connection: 50,
            init_within: Duration::from_secs(5),
            ping_every: Duration::from_secs(12),
            send_within: Duration::from_secs(10),
        }
    }
}
