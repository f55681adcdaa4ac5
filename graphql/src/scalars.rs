//! Custom scalars. As inputs they keep whatever was written, of any JSON type, and are checked by the
//! resolver: a malformed value is then an INVALID user error that names its field, beside the other
//! faults of the input, where a parse error would refuse the whole request.

use std::net::IpAddr as StdIpAddr;

use async_graphql::{InputValueResult, Scalar, ScalarType, Value};
use chrono::SecondsFormat;
use core_kernel::{Refusal, Timestamp};

/// The text of a value: a string's own, anything else as it was written.
fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

macro_rules! text_scalars {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name(pub String);

        $(#[$doc])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                Ok(Self(text_of(value)))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<$name> for String {
            fn from(scalar: $name) -> Self {
                scalar.0
            }
        }
    )*};
}

text_scalars! {
    /// RFC 3339 date-time in UTC.
    DateTime;
    /// An IPv4 or IPv6 address. IPv4-mapped IPv6 is normalised to IPv4.
    IpAddress;
    /// A network in CIDR notation; host bits must be zero.
    Cidr;
    /// A phone number in E.164.
    PhoneNumber;
    /// ISO 3166-1 alpha-2.
    CountryCode;
    /// An exact decimal number, as a string.
    Decimal;
    /// ISO 4217.
    CurrencyCode;
}

impl DateTime {
    /// The instant.
    ///
    /// # Errors
    /// INVALID at `path` for anything that is not RFC 3339.
    pub fn read(&self, path: &str) -> Result<Timestamp, Refusal> {
        core_policy::parse_timestamp(&self.0)
            .ok_or_else(|| Refusal::invalid(path, "Write a date and time as in 2026-03-01T12:00:00Z (RFC 3339)."))
    }

    /// The instant of an optional field.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_opt(value: Option<&Self>, path: &str) -> Result<Option<Timestamp>, Refusal> {
        value.map(|value| value.read(path)).transpose()
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl IpAddress {
    /// The address, IPv4-mapped IPv6 as IPv4.
    ///
    /// # Errors
    /// INVALID at `path` for anything that is no address.
    pub fn read(&self, path: &str) -> Result<StdIpAddr, Refusal> {
        core_policy::parse_ip(&self.0)
            .ok_or_else(|| Refusal::invalid(path, "Write an IPv4 or IPv6 address, without port or brackets."))
    }
}

impl From<StdIpAddr> for IpAddress {
    fn from(address: StdIpAddr) -> Self {
        Self(address.to_canonical().to_string())
    }
}

/// Free-form JSON.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Json(pub serde_json::Value);

/// Free-form JSON (`WebAuthn` options and credentials, details of the audit log).
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        // Only a number that GraphQL cannot hold does not convert.
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_written_is_kept_for_the_resolver() {
        for (value, text) in [
            (Value::from("2026-03-01T12:00:00Z"), "2026-03-01T12:00:00Z"),
            (Value::from(17), "17"),
            (Value::from(true), "true"),
            (Value::List(vec![Value::from(1)]), "[1]"),
            (Value::Enum(async_graphql::Name::new("NOW")), "NOW"),
        ] {
            assert_eq!(DateTime::parse(value).unwrap().0, text);
        }
    }

    #[test]
    fn a_malformed_value_names_its_field() {
        let refusal = DateTime("tomorrow".into()).read("policy.effectiveAt").unwrap_err();
        assert_eq!(refusal.field, ["policy", "effectiveAt"]);
        assert!(IpAddress("1".into()).read("ipAddress").is_err());
    }

    #[test]
    fn times_are_written_in_utc() {
        let at = DateTime("2026-03-01T07:00:00.5-05:00".into()).read("x").unwrap();
        assert_eq!(DateTime::from(at).0, "2026-03-01T12:00:00.500Z");
    }
}
