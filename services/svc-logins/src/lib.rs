//! The login path: an integrator's software asks at every login, and gets an answer that is written
//! before it is given.
//!
//! Every step is one SQL function (`migrations/hot_path`), and the calls of concurrent requests are
//! combined into one transaction ([`combiner`]): what limits such a server is the number of commits
//! and round trips, not the work in them. A lone request waits for nobody.
//!
//! Codes are derived and compared here, in constant time; the database learns only under which keys
//! a given code would be right, so that no query log ever shows one.

mod assertion;
mod challenges;
mod combiner;
mod commands;
mod counts;
mod given;
mod logins;
mod meters;
mod methods;
mod model;
mod offers;
mod passkeys;
mod queries;
mod refusals;
mod risk;
mod span;
mod steps;
mod store;

pub use combiner::CombinerOptions;
pub use commands::evaluate::EvaluateInput;
pub use commands::start::StartOutput;
pub use commands::verify::{VerifyInput, VerifyOutput};
pub use counts::{CountRange, LoginCount};
pub use given::Given;
pub use logins::Logins;
pub use methods::{MethodId, MethodView};
pub use model::{ChallengeRecord, LoginLocation, LoginView};
pub use offers::UserAtLogin;
pub use queries::LoginFilter;
pub use risk::RiskSources;
