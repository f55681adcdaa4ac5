//! A month of believable logins, so that lists have something to show and a policy something to be
//! rehearsed on: clients and members of staff who log in on workdays, mostly from where they live, now
//! and then from elsewhere; and somebody else who tries.
//!
//! No command writes a login into the past. But nothing of a login is made up either: where an address
//! is, what was unusual about it, what the policy decided and what the user's history became are what
//! the login path would have said ([`month`]), and they are written by its own SQL ([`logins`]).

mod logins;
mod month;
mod people;
mod store;
mod visits;

use anyhow::Context as _;
use chrono_tz::Tz;
use core_kernel::TenantId;
use io_postgres::TenantTx;
use svc_logins::RiskSources;
use svc_platform::Platform;

use month::Month;
use people::PEOPLE;

/// Writes the people and their month.
pub(super) async fn write(platform: &Platform, risk: &RiskSources, tenant: TenantId) -> anyhow::Result<()> {
    let key = platform.keys.data_key(&platform.database, tenant).await?;
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let zone: Tz = store::time_zone(&mut tx).await?.parse().context("the tenant's time zone")?;
    for person in &PEOPLE {
        let visits = visits::of(person, platform.now(), zone);
        let month = Month::live(person, &visits, risk, zone);
        store::write(&mut tx, platform, &key, person, &month).await?;
    }
    tx.commit().await?;
    Ok(())
}
