//! `postern admin`: what only the operator may do about somebody who administers.

use crate::config::Config;
use crate::wiring::{Wiring, open_platform};

/// Asks that an account be set up anew, or takes it back.
pub(crate) async fn reset(config: &Config, email: &str, cancel: bool) -> anyhow::Result<()> {
    super::refuse_unfit(config).await?;
    let wiring = Wiring::new(open_platform(config).await?, config)?;
    if cancel {
        let kept = wiring.admins.keep_account_as_operator(email).await.map_err(super::told)?;
        anyhow::ensure!(kept, "Nobody had asked for {email} to be reset.");
        eprintln!("{email} signs in as before.");
    } else {
        let due_at = wiring.admins.reset_account_as_operator(email).await.map_err(super::told)?;
        eprintln!(
            "On {} password and second factors of {email} end, and an invitation goes there by mail. They and the OWNERs \
             of their tenants are told. Signing in before then prevents it; so does --cancel.",
            due_at.format("%-d %B %Y, %H:%M UTC"),
        );
    }
    wiring.platform.database.close().await;
    Ok(())
}
