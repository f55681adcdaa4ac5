//! What is done with prompts, one use case a file.

pub(crate) mod ask;
pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod open;
pub(crate) mod redeem;
