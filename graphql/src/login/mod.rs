//! The login path: evaluate, challenge, verify, skip; and logins as they are read.

mod inputs;
mod mutations;
mod queries;
mod types;

pub(crate) use inputs::LoginFilter;
pub use mutations::LoginMutation;
pub use queries::LoginQuery;
pub(crate) use queries::{load_challenge, load_login, load_method, login_list};
pub use types::{Login, LoginConnection, LoginMethod};
