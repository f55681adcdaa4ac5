//! SCIM 2.0 (RFC 7643, RFC 7644) at `/scim/v2`: a tenant's directory provisions its users.
//!
//! A request is let in as one of GraphQL is: an API key with the scope USERS, of exactly one tenant, the
//! same limits and the same budget. What it asks becomes a command of `svc_directory`: to disable, to
//! erase and to write a user are the same act, whoever asks for it, and are on record in the same words.
//!
//! | part | what it knows |
//! |---|---|
//! | [`schema`] | the table of attributes, from which all else is read |
//! | [`filter`] | the grammar of filters and paths, and what of a user can be searched |
//! | [`patch`] | what the operations of a PATCH make of a user |
//! | [`resource`] | a user as JSON, and JSON as a user |
//! | [`users`], [`discovery`] | the routes |

mod answer;
mod discovery;
mod error;
mod etag;
mod filter;
mod media;
mod patch;
mod projection;
mod query;
pub mod reading;
mod request;
mod resource;
mod schema;
mod users;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, any, get, post};
use edge_http::Gateway;
use svc_directory::Directory;

use crate::error::ScimError;
use crate::request::Scim;

/// The routes of `/scim/v2`, to be given to [`edge_http::router`]; `public_url` is where clients reach
/// this installation.
pub fn router(gateway: &Gateway, directory: Directory, public_url: &str) -> Router {
    let base = format!("{}/scim/v2", public_url.trim_end_matches('/'));
    let routes = [
        ("Users", get(users::list).post(users::create)),
        ("Users/.search", post(users::search)),
        ("Users/{id}", get(users::read).put(users::replace).patch(users::patch).delete(users::delete)),
        (".search", post(users::search)),
        ("ServiceProviderConfig", get(discovery::service_provider_config)),
        ("ResourceTypes", get(discovery::resource_types)),
        ("ResourceTypes/{id}", get(discovery::resource_type)),
        ("Schemas", get(discovery::schemas)),
        ("Schemas/{id}", get(discovery::schema)),
    ];
    let add = |router: Router<Scim>, (path, methods): (&str, MethodRouter<Scim>)| {
        router.route(&format!("/scim/v2/{path}"), methods.fallback(not_that_way))
    };
    let router = routes
        .into_iter()
        .fold(Router::new(), add)
        .route("/scim/v2/Bulk", any(not_implemented))
        .route("/scim/v2/Me", any(not_implemented))
        .route("/scim/v2/{*rest}", any(nothing_here));
    router.with_state(Scim { gateway: gateway.clone(), directory, base: base.into() })
}

async fn not_that_way() -> ScimError {
    ScimError::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not answer that method.")
}

async fn not_implemented() -> ScimError {
    ScimError::new(StatusCode::NOT_IMPLEMENTED, "This is not supported; see /ServiceProviderConfig.")
}

async fn nothing_here() -> ScimError {
    let detail = "There is nothing at this address. There are Users; Groups are not supported.";
    ScimError::new(StatusCode::NOT_FOUND, detail)
}
