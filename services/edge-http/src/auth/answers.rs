//! What is answered.

use std::net::IpAddr;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use core_kernel::{Fault, Timestamp, TypedId};
use serde::Serialize;
use svc_admins::{Accepted, PartnerRole, Role, SecondFactor, Session, SignInStep, SignedIn};
use svc_directory::{PartnerRecord, TenantSettings};

use crate::credentials::SESSION_COOKIE;
use crate::refusal::Refused;

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Method<'a> {
    id: &'a str,
    channel: &'static str,
    destination: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "next", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Answer<'a> {
    /// Choose a method.
    #[serde(rename = "second_factor")]
    SecondFactor { methods: Vec<Method<'a>> },
    /// Set up the app, and give its first code.
    #[serde(rename = "second_factor")]
    SetUp { method_id: &'a str, otpauth_uri: &'a str, secret: &'a str, qr_code_svg: &'a str },
    /// Give the code.
    Code {
        channel: &'static str,
        destination: Option<&'a str>,
        attempts_remaining: i32,
        resend_at: Option<Timestamp>,
        /// What a passkey is asked, in the code's place.
        #[serde(skip_serializing_if = "Option::is_none")]
        request_options: Option<&'a serde_json::Value>,
    },
    /// Nothing more: the cookie is there.
    SignedIn { expires_at: Timestamp },
    /// Begin anew.
    SignIn {},
}

pub(super) fn first_step(step: &SignInStep) -> Response {
    let methods = step.methods.iter().map(|method| Method {
        id: method.id.expose(),
        channel: method.channel.as_str(),
        destination: method.destination.as_deref(),
    });
    Json(Answer::SecondFactor { methods: methods.collect() }).into_response()
}

pub(super) fn accepted(accepted: &Accepted) -> Response {
    let answer = Answer::SetUp {
        method_id: &accepted.method_id,
        otpauth_uri: accepted.otpauth_uri.expose(),
        secret: accepted.secret.expose(),
        qr_code_svg: accepted.qr_code_svg.expose(),
    };
    Json(answer).into_response()
}

pub(super) fn second_step(step: &SecondFactor) -> Result<Response, Refused> {
    match step {
        SecondFactor::CodeExpected { channel, destination, attempts_remaining, resend_at, request_options } => {
            let answer = Answer::Code {
                channel: channel.as_str(),
                destination: destination.as_deref(),
                attempts_remaining: *attempts_remaining,
                resend_at: *resend_at,
                request_options: request_options.as_ref(),
            };
            Ok(Json(answer).into_response())
        }
        SecondFactor::SignedIn(signed_in) => welcome(signed_in),
        SecondFactor::Refused { refusal, attempts_remaining } => {
            Err(Refused::refusal(refusal).with_attempts(*attempts_remaining))
        }
    }
}

pub(super) fn welcome(signed_in: &SignedIn) -> Result<Response, Refused> {
    let cookie = format!("{SESSION_COOKIE}={}; {ATTRIBUTES}", signed_in.token.expose());
    with_cookie(&Answer::SignedIn { expires_at: signed_in.expires_at }, &cookie)
}

pub(super) fn signed_out() -> Result<Response, Refused> {
    with_cookie(&Answer::SignIn {}, &format!("{SESSION_COOKIE}=; Max-Age=0; {ATTRIBUTES}"))
}

fn with_cookie(answer: &Answer<'_>, cookie: &str) -> Result<Response, Refused> {
    let mut cookie = HeaderValue::try_from(cookie).map_err(Fault::internal)?;
    cookie.set_sensitive(true);
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Who<'a> {
    email: &'a str,
    display_name: Option<&'a str>,
    tenants: Vec<Place>,
    partners: Vec<Firm>,
    expires_at: Timestamp,
    /// From where this was asked, for "is my address in it?".
    ip_address: Option<String>,
    /// The tenant whose identity provider opened it, where it is that tenant's alone.
    only: Option<String>,
}

/// Where the person has which role.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    id: String,
    slug: String,
    name: String,
    environment: &'static str,
    admin_id: String,
    role: &'static str,
}

impl Place {
    pub(super) fn new(role: Role, tenant: &TenantSettings) -> Self {
        Self {
            id: role.tenant.to_text(),
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            environment: tenant.environment.as_str(),
            admin_id: role.admin.to_text(),
            role: role.role.as_str(),
        }
    }
}

/// A partner for which the person answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Firm {
    id: String,
    name: String,
    admin_id: String,
    role: &'static str,
}

impl Firm {
    pub(super) fn new(role: PartnerRole, partner: &PartnerRecord) -> Self {
        Self {
            id: role.partner.to_text(),
            name: partner.name.clone(),
            admin_id: role.admin.to_text(),
            role: role.role.as_str(),
        }
    }
}

pub(super) fn who(session: &Session, tenants: Vec<Place>, partners: Vec<Firm>, address: Option<IpAddr>) -> Response {
    let answer = Who {
        email: &session.email,
        display_name: session.display_name.as_deref(),
        tenants,
        partners,
        expires_at: session.expires_at,
        ip_address: address.map(|address| address.to_string()),
        only: session.only.map(TypedId::to_text),
    };
    Json(answer).into_response()
}
