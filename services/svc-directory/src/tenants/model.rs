//! A tenant as everybody reads it.

use chrono::TimeDelta;
use core_kernel::{PartnerId, TenantId, Timestamp, TypedId};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::checks::return_url_allowed;

/// Before a tenant's identifier and its logo's digest.
pub const LOGO_PATH: &str = "/logo/";

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// The name as the API and the database spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads exactly what [`Self::as_str`] writes.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}
pub(crate) use words;

words! {
    /// Whether a tenant is real.
    Environment {
        /// Reaches real phones and is billed.
        Live = "LIVE",
        /// Never leaves the platform; its clock can be moved.
        Sandbox = "SANDBOX",
    }
    /// Whether a tenant is served.
    TenantStatus {
        /// It is.
        Active = "ACTIVE",
        /// Logins are denied; data stays readable.
        Suspended = "SUSPENDED",
    }
}

/// A tenant's looks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// What users know the firm by; `None`: the tenant's name.
    pub product_name: Option<String>,
    /// An https address.
    pub logo_url: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// How users reach a person.
    pub support_contact: Option<String>,
    /// Texts end in the origin-bound form for this domain.
    pub domain: Option<String>,
}

/// What the server made of the address in [`Branding::logo_url`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logo {
    /// SHA-256 of the picture that is served; `None` while there is none.
    pub digest: Option<[u8; 32]>,
    /// Why there is none, for a person.
    pub problem: Option<String>,
}

/// The relying party of passkeys made on the firm's own pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WebauthnSettings {
    /// A domain.
    pub rp_id: Option<String>,
    /// Origins at or below it.
    pub origins: Vec<String>,
}

/// A tenant: what it is called, how it is set up, and whether it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSettings {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The partner that owns it, if one does.
    pub partner_id: Option<PartnerId>,
    /// Unique within the platform.
    pub slug: String,
    /// For people to read.
    pub name: String,
    /// Whether it is real.
    pub environment: Environment,
    /// Whether it is served.
    pub status: TenantStatus,
    /// Default language of messages and pages, BCP 47.
    pub language: String,
    /// IANA name.
    pub time_zone: String,
    /// Its looks.
    pub branding: Branding,
    /// What became of the logo that was named.
    pub logo: Logo,
    /// Its relying party.
    pub webauthn: WebauthnSettings,
    /// Origins and path prefixes; ask [`Self::return_url_allowed`].
    pub return_urls: Vec<String>,
    /// How far its clock is ahead of the database's, in seconds; 0 unless SANDBOX.
    pub clock_offset_seconds: i64,
    /// When it was made, by the wall clock.
    pub created_at: Timestamp,
}

impl TenantSettings {
    /// What users know the firm by.
    #[must_use]
    pub fn product_name(&self) -> &str {
        self.branding.product_name.as_deref().unwrap_or(&self.name)
    }

    /// Where the logo is served, below this installation's address; another picture is another path.
    #[must_use]
    pub fn logo_path(&self) -> Option<String> {
        let digest = HEXLOWER.encode(&self.logo.digest?);
        Some(format!("{LOGO_PATH}{}/{digest}.png", self.tenant_id.to_text()))
    }

    /// Whether hosted pages and links may return to `url`.
    #[must_use]
    pub fn return_url_allowed(&self, url: &str) -> bool {
        return_url_allowed(&self.return_urls, url)
    }

    /// Now, as this tenant sees it, from the wall clock: for display. What expires is compared by the
    /// database's clock ([`io_postgres::TenantTx::tenant_now`]).
    #[must_use]
    pub fn clock(&self, wall: Timestamp) -> Timestamp {
        wall + TimeDelta::seconds(self.clock_offset_seconds)
    }
}

impl FromRow<'_, PgRow> for TenantSettings {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let environment: String = row.try_get("environment")?;
        let status: String = row.try_get("status")?;
        Ok(Self {
            tenant_id: TenantId(row.try_get("tenant_id")?),
            partner_id: row.try_get::<Option<Uuid>, _>("partner_id")?.map(PartnerId),
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            // The columns are checked: another word cannot be stored. Should it be, the stricter reading holds.
            environment: Environment::parse(&environment).unwrap_or(Environment::Live),
            status: TenantStatus::parse(&status).unwrap_or(TenantStatus::Suspended),
            language: row.try_get("language")?,
            time_zone: row.try_get("time_zone")?,
            branding: row.try_get::<Json<Branding>, _>("branding")?.0,
            logo: Logo {
                digest: row.try_get::<Option<Vec<u8>>, _>("logo_digest")?.and_then(|digest| digest.try_into().ok()),
                problem: row.try_get("logo_problem")?,
            },
            webauthn: row.try_get::<Json<WebauthnSettings>, _>("webauthn")?.0,
            return_urls: row.try_get("return_urls")?,
            clock_offset_seconds: row.try_get("clock_offset_seconds")?,
            created_at: row.try_get("created_at")?,
        })
    }
}
