//! For whom passkeys are made and asked for.
//!
//! A passkey is good for the domain it was made on. The firm's own pages are one domain, which the firm
//! registers; the hosted prompt and the console are another, this installation's own. So a user may have
//! passkeys of both, and each page offers those of its own.

use core_access::{Caller, Principal};
use core_kernel::PLATFORM_TENANT;
use core_passkey::RelyingParty;

use crate::WebauthnSettings;

/// Whether the user of this caller is at a page of ours: the hosted prompt, or the console's sign-in.
#[must_use]
pub fn is_on_our_pages(caller: &Caller) -> bool {
    caller.tenant == PLATFORM_TENANT || matches!(caller.principal, Principal::User(_))
}

/// The relying party of the page that this caller speaks for; none where the firm has registered none, or
/// this installation has no domain.
#[must_use]
pub fn relying_party(
    caller: &Caller,
    public_url: &str,
    name: &str,
    registered: &WebauthnSettings,
) -> Option<RelyingParty> {
    if is_on_our_pages(caller) {
        return RelyingParty::of_pages_at(public_url, name);
    }
    RelyingParty::new(registered.rp_id.as_deref()?, name, &registered.origins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::{TenantId, UserId};
    use uuid::Uuid;

    const TENANT: TenantId = TenantId(Uuid::from_u128(7));

    fn party(caller: &Caller, registered: &WebauthnSettings) -> Option<String> {
        let party = relying_party(caller, "https://login.postern.example", "Acme", registered);
        party.map(|party| party.id().to_owned())
    }

    #[test]
    fn each_page_has_its_own() {
        let none = WebauthnSettings::default();
        let acme =
            WebauthnSettings { rp_id: Some("acme.example".into()), origins: vec!["https://www.acme.example".into()] };
        let integrator = Caller::system(TENANT);
        assert_eq!(party(&integrator, &acme).as_deref(), Some("acme.example"));
        assert_eq!(party(&integrator, &none), None);
        let prompt = Caller::user(TENANT, UserId(Uuid::from_u128(8)), None);
        let console = Caller::system(PLATFORM_TENANT);
        for ours in [prompt, console] {
            assert_eq!(party(&ours, &none).as_deref(), Some("login.postern.example"));
            assert_eq!(party(&ours, &acme).as_deref(), Some("login.postern.example"));
        }
    }
}
