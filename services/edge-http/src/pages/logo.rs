//! `GET /logo/{tenant}/{digest}.png`: a firm's logo. Its name is its content's, so that it is kept for ever.

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use core_kernel::{TenantId, TypedId as _};
use data_encoding::HEXLOWER;
use svc_branding::Logos;

use crate::envelope::ClientAddress;
use crate::gateway::Gateway;
use crate::refusal::Refused;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const PNG: HeaderValue = HeaderValue::from_static("image/png");

#[derive(Clone)]
struct Desk {
    gateway: Gateway,
    logos: Logos,
}

/// The route, to be given to [`crate::router`].
pub fn logo_router(gateway: &Gateway, logos: Logos) -> Router {
    let desk = Desk { gateway: gateway.clone(), logos };
    Router::new().route("/logo/{tenant}/{name}", get(show)).with_state(desk)
}

async fn show(
    State(desk): State<Desk>,
    Extension(address): Extension<ClientAddress>,
    Path((tenant, name)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let nothing = || Refused::bad(StatusCode::NOT_FOUND, "There is nothing at this address.");
    let (Some(tenant), Some(digest)) = (TenantId::from_text(&tenant), digest_in(&name)) else { return Err(nothing()) };
    address.check(desk.gateway.limits()).await?;
    let picture = desk.logos.find(tenant, digest).await?.ok_or_else(nothing)?;
    Ok(([(header::CONTENT_TYPE, PNG), (header::CACHE_CONTROL, FOR_EVER)], picture).into_response())
}

/// The digest that a file's name holds.
fn digest_in(name: &str) -> Option<[u8; 32]> {
    let digits = name.strip_suffix(".png").filter(|digits| digits.len() == 64)?;
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_digest_and_nothing_else() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(digest_in(&format!("{digits}.png")).unwrap()[..2], [0x01, 0x23]);
        let (upper, short) = (digits.to_uppercase(), &digits[2..]);
        for bad in
            [".png", "../x.png", &digits, &format!("{upper}.png"), &format!("{short}.png"), &format!("{digits}.svg")]
        {
            assert_eq!(digest_in(bad), None, "{bad}");
        }
    }
}
