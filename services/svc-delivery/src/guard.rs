//! The fraud guard: whoever pumps codes to numbers of one prefix, to be paid for the texts, never types
//! them. A prefix whose codes are sent but hardly given is blocked for the tenant until an administrator
//! releases it.
//!
//! Only numbers count, and are held, that never gave a right code for the tenant: a person who did is no
//! stranger, goes on while the prefix is blocked, and costs nothing here. The counting is done where
//! messages are claimed (`admit_stranger` in `migrations/hot_path/70_delivery.sql`), by the messages
//! themselves: no login writes a counter.

/// When a prefix is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardOptions {
    /// Of so many codes that went last to strangers of a prefix, within a day …
    pub messages: u16,
    /// … so many of a hundred must have been given.
    pub verified_percent: u8,
    /// What is done else.
    pub mode: GuardMode,
}

/// What the guard does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardMode {
    /// Blocks the prefix.
    Block,
    /// Tells (event, audit log) what it would block.
    Observe,
    /// Nothing.
    Off,
}

impl Default for GuardOptions {
    fn default() -> Self {
        Self { messages: 30, verified_percent: 10, mode: GuardMode::Block }
    }
}

impl GuardOptions {
    /// As the function counts: 0 switches it off.
    pub(crate) fn most(self) -> i32 {
        if self.mode == GuardMode::Off { 0 } else { self.messages.into() }
    }
}
