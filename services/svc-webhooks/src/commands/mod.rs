//! What changes endpoints, and asks for deliveries.

pub(crate) mod create;
mod delete;
mod redeliver;
mod rotate;
mod test_endpoint;
