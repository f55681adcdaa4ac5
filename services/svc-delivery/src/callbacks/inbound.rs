//! What people write back: STOP, which ends texts to their number, and START, which begins them again.
//! Twilio answers them by itself, and blocks the number at its side; here it is noted, so that another way
//! is offered and no text is tried in vain.

use core_contact::PhoneNumber;
use core_crypto::{BlindKind, blind_index};
use core_kernel::{Fault, TenantId, TypedId as _};
use io_postgres::NoTenant;

use super::{Callbacks, Verified};
use crate::providers::Carrier;
use crate::store;

/// As Twilio understands them, where the account has no words of its own (`OptOutType` tells then).
const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];

/// A message that somebody sent to a sender of ours.
#[derive(Debug, Clone)]
pub struct InboundText {
    /// The tenant in the URL, whose sender it is; none: the installation's.
    pub tenant: Option<String>,
    /// `X-Twilio-Signature`.
    pub signature: String,
    /// The form's fields, decoded.
    pub params: Vec<(String, String)>,
}

impl InboundText {
    fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// Whether no texts are wanted from now on, or (false) texts again; none for anything else.
    fn stops(&self) -> Option<bool> {
        let said = self.param("Body").trim().to_uppercase();
        match self.param("OptOutType") {
            "STOP" => Some(true),
            "START" => Some(false),
            "" if STOP.contains(&said.as_str()) => Some(true),
            "" if START.contains(&said.as_str()) => Some(false),
            _ => None,
        }
    }
}

impl Callbacks {
    /// Takes note of STOP and START; of anything else nothing.
    ///
    /// # Errors
    /// When the database fails: Twilio is told so.
    pub async fn twilio_inbound(&self, inbound: &InboundText) -> Result<Verified<()>, Fault> {
        let Some(tenants) = self.addressed_tenants(inbound).await? else { return Ok(Verified::No) };
        let number = PhoneNumber::parse(inbound.param("From"));
        if let (Some(stopped), Ok(number)) = (inbound.stops(), number) {
            let ring = self.platform.keys.ring();
            let index = |tenant| (tenant, blind_index(&ring, tenant, BlindKind::Phone, number.e164()).1.to_vec());
            let numbers: Vec<(TenantId, Vec<u8>)> = tenants.into_iter().map(index).collect();
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            store::note_opt_outs(connection.connection(), &numbers, stopped, Carrier::Twilio.as_str()).await?;
            connection.commit().await?;
        }
        Ok(Verified::Yes(()))
    }

    /// Whose sender was written to; none where Twilio did not send this, on behalf of its account.
    async fn addressed_tenants(&self, inbound: &InboundText) -> Result<Option<Vec<TenantId>>, Fault> {
        let url = self.carriers.urls().inbound(inbound.tenant.as_deref());
        let Some(named) = &inbound.tenant else {
            let own = self.carriers.twilio().filter(|own| own.has_signed(&url, &inbound.params, &inbound.signature));
            let Some(_) = own else { return Ok(None) };
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            return Ok(Some(store::all_tenants(connection.connection()).await?));
        };
        let Some(tenant) = TenantId::from_text(named) else { return Ok(None) };
        let accounts = self.carriers.twilio_of(tenant).await?;
        let signed = accounts.iter().any(|own| own.has_signed(&url, &inbound.params, &inbound.signature));
        Ok(signed.then(|| vec![tenant]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(params: &[(&str, &str)]) -> Option<bool> {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        InboundText { tenant: None, signature: String::new(), params }.stops()
    }

    #[test]
    fn stop_and_start_are_understood_and_nothing_else() {
        for (body, stops) in [("STOP", Some(true)), (" stop ", Some(true)), ("Unstop", Some(false)), ("stop it", None)]
        {
            assert_eq!(said(&[("Body", body)]), stops, "{body}");
        }
        assert_eq!(said(&[("Body", "ALTO"), ("OptOutType", "STOP")]), Some(true), "words of the account's own");
        assert_eq!(said(&[("Body", "STOP"), ("OptOutType", "HELP")]), None);
        assert_eq!(said(&[]), None);
    }
}
