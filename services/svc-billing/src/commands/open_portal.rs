//! Stripe's pages for a customer.

use core_access::Permit;
use core_kernel::{Fault, Refusal, Stop};
use io_postgres::TenantTx;
use io_stripe::StripeError;
use url::Url;

use crate::refusals::{foreign_return, nothing_collected, unreadable_return};
use crate::{Billing, store};

impl Billing {
    /// Opens the pages on which a tenant's means of payment are changed and its invoices read; their address,
    /// which is good for some minutes. They lead back to `return_url`.
    ///
    /// # Errors
    /// INVALID at `returnUrl`, which must be on this installation's origin or on one that the tenant returns to;
    /// NOT_FOUND where nothing is collected from the tenant; UNAVAILABLE when Stripe does not answer.
    pub async fn open_portal(&self, permit: &Permit, return_url: &str) -> Result<String, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let allowed = store::list_return_urls(&mut tx).await?;
        let account = store::stripe::find_account(&mut tx).await?;
        tx.rollback().await?;
        let origins = allowed.iter().map(String::as_str).chain([&*self.platform.public_url]);
        check_return(return_url, origins)?;
        let customer = account.and_then(|account| account.customer_id);
        let (Some(stripe), Some(customer)) = (&self.stripe, customer) else {
            return Err(nothing_collected().into());
        };
        stripe.portal(&customer, return_url).await.map_err(|error| fault(error).into())
    }
}

fn fault(error: StripeError) -> Fault {
    match error {
        StripeError::Unknown(_) => Fault::Unavailable,
        error => Fault::internal(error),
    }
}

fn check_return<'a>(given: &str, allowed: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let url: Url = given.parse().map_err(|_| unreadable_return())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unreadable_return());
    }
    let same = |base: &str| base.parse::<Url>().is_ok_and(|base| base.origin() == url.origin());
    let mut allowed = allowed;
    if allowed.any(same) { Ok(()) } else { Err(foreign_return()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_us_or_to_the_tenant() {
        let allowed = ["https://2fa.example.com", "https://client.example/after"];
        let check = |url: &str| check_return(url, allowed.into_iter());
        for fine in ["https://2fa.example.com/billing", "https://client.example/", "https://2fa.example.com:443/?a#b"] {
            assert!(check(fine).is_ok(), "{fine}");
        }
        for bad in [
            "",
            "/billing",
            "javascript:alert(1)",
            "http://2fa.example.com/",
            "https://2fa.example.com.evil.example/",
            "https://2fa.example.com@evil.example/",
            "https://2fa.example.com:8443/",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
