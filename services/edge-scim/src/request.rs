//! From an HTTP request to what is asked of the service: who asks, for whom, and what.

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use core_access::{Operation, Permit};
use edge_http::{Admitted, Gateway};
use serde_json::Value;
use svc_directory::Directory;
use svc_directory::users::Provisioned;

use crate::error::{ScimError, ScimType};
use crate::query::Parameters;
use crate::{etag, media};

/// What the routes share; cheap to clone.
#[derive(Clone)]
pub(crate) struct Scim {
    pub(crate) gateway: Gateway,
    pub(crate) directory: Directory,
    /// The address of `/scim/v2`, from the configuration and never from a Host header.
    pub(crate) base: Arc<str>,
}

/// A request that was let in.
pub(crate) struct Asked {
    pub(crate) admitted: Admitted,
    pub(crate) permit: Permit,
    pub(crate) parameters: Parameters,
    headers: HeaderMap,
}

impl Scim {
    /// Lets in whoever presents an API key with the scope USERS of one tenant.
    ///
    /// # Errors
    /// 401, 403, 429, 503.
    pub(crate) async fn admit(&self, parts: Parts, operation: Operation) -> Result<Asked, ScimError> {
        let admitted = self.gateway.admit_key(&parts).await?;
        let permit = admitted.caller.permit(operation)?;
        Ok(Asked { admitted, permit, parameters: Parameters::of_url(parts.uri.query()), headers: parts.headers })
    }

    /// Spends complexity of the key's budget, in the units of GraphQL.
    ///
    /// # Errors
    /// 429.
    pub(crate) async fn charge(&self, asked: &Asked, complexity: u32) -> Result<(), ScimError> {
        Ok(self.gateway.charge(&asked.admitted.caller, complexity).await?)
    }

    /// Reads a body in JSON.
    ///
    /// # Errors
    /// 415 for another media type, 413 for too long a one, `invalidSyntax` for what is no JSON.
    pub(crate) async fn read_json(&self, asked: &Asked, body: Body) -> Result<Value, ScimError> {
        media::check(&asked.headers)?;
        let bytes = self.gateway.read_body(body).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let detail = format!("The body is not JSON (line {}, column {}).", error.line(), error.column());
            ScimError::bad(ScimType::InvalidSyntax, detail)
        })
    }

    /// Does the work to its end, whether or not the client waits for it.
    ///
    /// # Errors
    /// What the work refuses; 503 when it takes too long.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        admitted: Admitted,
        work: impl Future<Output = Result<T, ScimError>> + Send + 'static,
    ) -> Result<T, ScimError> {
        self.gateway.finish(admitted, work).await?
    }
}

/// The versions under which a change may happen (`If-Match`).
#[derive(Debug, Clone)]
pub(crate) struct Condition(HeaderMap);

impl Asked {
    /// The condition that the request makes.
    pub(crate) fn condition(&self) -> Condition {
        let tags = self.headers.get_all(header::IF_MATCH).iter();
        Condition(tags.map(|tag| (header::IF_MATCH, tag.clone())).collect())
    }

    /// Whether the client has this version (`If-None-Match`).
    pub(crate) fn has(&self, version: &str) -> bool {
        etag::names(&self.headers, header::IF_NONE_MATCH, version) == Some(true)
    }
}

impl Condition {
    /// Asks it of the user as it is under its lock.
    ///
    /// # Errors
    /// 412 where the user has changed.
    pub(crate) fn check(&self, user: &Provisioned) -> Result<(), ScimError> {
        let version = crate::resource::version(user);
        match etag::names(&self.0, header::IF_MATCH, &version) {
            Some(false) => Err(ScimError::changed_meanwhile()),
            _ => Ok(()),
        }
    }
}
