//! The login path: evaluate, challenge, verify, skip; and logins as they are read.

mod challenges;
mod counts;
mod inputs;
mod mutations;
mod offers;
mod queries;
mod types;

pub use counts::LoginCount;
pub(crate) use counts::tenant_login_counts;
pub(crate) use inputs::LoginFilter;
pub use mutations::LoginMutation;
pub use queries::LoginQuery;
pub(crate) use queries::{load_challenge, load_login, load_method, login_list, login_of, logins_of_user};
pub use types::{Login, LoginConnection, LoginMethod};
