//! `/auth/*`: administrators sign in here, by a password or their company, and a second factor.
//!
//! Nothing of this is for other sites: a request says that it is JSON, which a form cannot say, and
//! where a browser tells its origin it must be our own. Between the two steps there is no cookie:
//! what the first one earned stands in the methods' identifiers. So nobody can plant a session that
//! somebody else then signs in to.

mod account;
mod answers;
mod company;
mod factors;
mod passkeys;
mod requests;
mod routes;

pub use routes::auth_router;
