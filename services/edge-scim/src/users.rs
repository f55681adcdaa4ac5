//! `/Users`: each handler one command or query of the directory, the same that GraphQL calls.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use core_access::Operation;
use serde_json::{Value, json};
use svc_directory::users::{DirectoryUser, Provisioned};

use crate::answer::answer;
use crate::error::ScimError;
use crate::patch::Patch;
use crate::projection::Projection;
use crate::query::{ListRequest, Parameters};
use crate::request::{Asked, Scim};
use crate::resource::{Defaults, Resource, represent, user_of, writable};
use crate::schema::{LIST_RESPONSE, read_user};

/// What a write costs of the key's budget, as a mutation does.
const WRITE: u32 = 10;
/// What reading one user costs.
const READ: u32 = 10;
/// What a list costs whose users an index finds, besides [`READ`] for each.
const INDEXED_LIST: u32 = 100;
/// What a list costs for which every user is looked at, or counted: as much as the dearest query.
const SCANNING_LIST: u32 = 10_000;

/// `POST /Users` (RFC 7644 §3.3).
pub(crate) async fn create(State(scim): State<Scim>, request: Request) -> Result<Response, ScimError> {
    let (parts, body) = request.into_parts();
    let asked = scim.admit(parts, Operation::UpsertUser).await?;
    scim.charge(&asked, WRITE).await?;
    let projection = asked.parameters.projection()?;
    let body = scim.read_json(&asked, body).await?;
    let user = user_of(&read_user(&body)?, Defaults::NEW)?;
    let (directory, Asked { admitted, permit, .. }) = (scim.directory.clone(), asked);
    let work = async move { Ok(directory.create_provisioned(&permit, user).await?) };
    let created = scim.finish(admitted, work).await?;
    Ok(shown(&scim, StatusCode::CREATED, &created, &projection))
}

/// `GET /Users/{id}` (RFC 7644 §3.4.1).
pub(crate) async fn read(
    State(scim): State<Scim>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ScimError> {
    let asked = scim.admit(request.into_parts().0, Operation::UpsertUser).await?;
    scim.charge(&asked, READ).await?;
    let projection = asked.parameters.projection()?;
    let found = scim.directory.find_provisioned(&asked.permit, &id).await?;
    let user = found.ok_or_else(ScimError::no_such_user)?;
    let version = crate::resource::version(&user);
    if asked.has(&version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, version)]).into_response());
    }
    Ok(shown(&scim, StatusCode::OK, &user, &projection))
}

/// `PUT /Users/{id}` (RFC 7644 §3.5.1): what is left out is cleared, but for what every user has.
pub(crate) async fn replace(
    State(scim): State<Scim>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ScimError> {
    let (parts, body) = request.into_parts();
    let asked = scim.admit(parts, Operation::UpsertUser).await?;
    let body = scim.read_json(&asked, body).await?;
    let given = read_user(&body)?;
    let decide = move |before: &DirectoryUser| user_of(&given, Defaults::replacing(before));
    change(scim, asked, id, decide).await
}

/// `PATCH /Users/{id}` (RFC 7644 §3.5.2).
pub(crate) async fn patch(
    State(scim): State<Scim>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ScimError> {
    let (parts, body) = request.into_parts();
    let asked = scim.admit(parts, Operation::UpsertUser).await?;
    let patch = Patch::read(&scim.read_json(&asked, body).await?)?;
    let decide = move |before: &DirectoryUser| {
        let mut user = writable(before);
        patch.apply(&mut user)?;
        user_of(&user, Defaults::patching(before))
    };
    change(scim, asked, id, decide).await
}

/// Makes of a user what `decide` says.
async fn change(
    scim: Scim,
    asked: Asked,
    id: String,
    decide: impl Fn(&DirectoryUser) -> Result<DirectoryUser, ScimError> + Send + Sync + 'static,
) -> Result<Response, ScimError> {
    scim.charge(&asked, WRITE).await?;
    let (projection, condition) = (asked.parameters.projection()?, asked.condition());
    let (directory, Asked { admitted, permit, .. }) = (scim.directory.clone(), asked);
    let work = async move {
        let decide = |before: &Provisioned| {
            condition.check(before)?;
            decide(&before.data)
        };
        directory.change_provisioned(&permit, &id, decide).await
    };
    let changed = scim.finish(admitted, work).await?;
    Ok(shown(&scim, StatusCode::OK, &changed, &projection))
}

/// `DELETE /Users/{id}` (RFC 7644 §3.6).
pub(crate) async fn delete(
    State(scim): State<Scim>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ScimError> {
    let asked = scim.admit(request.into_parts().0, Operation::DeleteUser).await?;
    scim.charge(&asked, WRITE).await?;
    let condition = asked.condition();
    let (directory, Asked { admitted, permit, .. }) = (scim.directory.clone(), asked);
    let work = async move { directory.delete_provisioned(&permit, &id, |user| condition.check(user)).await };
    scim.finish(admitted, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /Users` (RFC 7644 §3.4.2).
pub(crate) async fn list(State(scim): State<Scim>, request: Request) -> Result<Response, ScimError> {
    let asked = scim.admit(request.into_parts().0, Operation::UpsertUser).await?;
    let wanted = asked.parameters.list()?;
    list_of(&scim, &asked, &wanted).await
}

/// `POST /.search` and `POST /Users/.search` (RFC 7644 §3.4.3): there are users and nothing else to find.
pub(crate) async fn search(State(scim): State<Scim>, request: Request) -> Result<Response, ScimError> {
    let (parts, body) = request.into_parts();
    let asked = scim.admit(parts, Operation::UpsertUser).await?;
    let wanted = Parameters::of_body(scim.read_json(&asked, body).await?)?.list()?;
    list_of(&scim, &asked, &wanted).await
}

async fn list_of(scim: &Scim, asked: &Asked, wanted: &ListRequest) -> Result<Response, ScimError> {
    let ListRequest { query, start_index, projection } = wanted;
    let base = if query.predicate.is_indexed() { INDEXED_LIST } else { SCANNING_LIST };
    scim.charge(asked, base + READ * query.limit).await?;
    let page = scim.directory.list_provisioned(&asked.permit, query).await?;
    let users: Vec<Value> =
        page.users.iter().map(|user| Value::Object(projection.apply(represent(user, &scim.base).body))).collect();
    let list = json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": page.total,
        "startIndex": start_index,
        "itemsPerPage": users.len(),
        "Resources": users,
    });
    Ok(answer(StatusCode::OK, &list))
}

fn shown(scim: &Scim, status: StatusCode, user: &Provisioned, projection: &Projection) -> Response {
    let Resource { body, version, location } = represent(user, &scim.base);
    let mut response = answer(status, &Value::Object(projection.apply(body)));
    let location = (status == StatusCode::CREATED).then_some((header::LOCATION, location));
    for (name, value) in [(header::ETAG, version)].into_iter().chain(location) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
