//! `postern keys rotate`: replacing keys while everything goes on. Each can be killed at any moment and is then
//! run again.

use std::time::Duration;

use anyhow::Context as _;
use core_crypto::MasterKey;
use core_kernel::{Clock as _, PLATFORM_TENANT, SystemClock, SystemEntropy, TenantId, TypedId as _};
use io_postgres::{Change, Database, TenantTx, Topic, publish};
use serde_json::json;
use svc_keys::{ApiKeysUnder, DataRotation, Pace, all_tenants};
use svc_platform::Platform;

use super::named;
use crate::config::Config;
use crate::master_key::master_key;
use crate::wiring::open_platform;

/// How often it is looked whether older data keys can go.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How many times; what is in use for longer is left to the next run.
const LOOKS: u32 = 24;

/// What a rotation works with: the owner writes keys, the platform reads them.
struct Operator {
    platform: Platform,
    owner: Database,
    master: MasterKey,
}

impl Operator {
    async fn open(config: &Config) -> anyhow::Result<Self> {
        super::refuse_unfit(config).await?;
        let master = master_key(config).await?;
        Ok(Self { platform: open_platform(config).await?, owner: named::owner(config)?, master })
    }

    /// Tells every process to read its keys, and puts it on record.
    async fn done(self, what: &str) -> anyhow::Result<()> {
        let mut tx = TenantTx::begin(&self.owner, PLATFORM_TENANT).await?;
        svc_audit::record_as(&mut tx, "operator", "keys.rotated", Some(what), json!({}), None).await?;
        tx.commit().await?;
        self.tell().await?;
        self.owner.close().await;
        self.platform.database.close().await;
        Ok(())
    }

    async fn tell(&self) -> anyhow::Result<()> {
        Ok(publish(&self.platform.database, Change::of_tenant(Topic::Keys, PLATFORM_TENANT)).await?)
    }
}

/// Publishes a new signing key; with `revoke` it signs at once, and the others are withdrawn.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn signing(config: &Config, revoke: bool) -> anyhow::Result<()> {
    let operator = Operator::open(config).await?;
    let mut owner = super::owner(config).await?;
    let (master, now) = (&operator.master, SystemClock.now());
    if revoke {
        let kid = svc_platform::replace_signing_keys(&mut owner, master, &SystemEntropy, now).await?;
        println!("{kid} signs from now on; every other key is withdrawn.");
    } else {
        let kid = svc_platform::rotate_signing_key(&mut owner, master, &SystemEntropy, now).await?;
        println!("{kid} is published and signs in a quarter of an hour.");
    }
    operator.done("signing").await
}

/// Makes a new pepper; with `retire` destroys the ones before.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn pepper(config: &Config, retire: bool) -> anyhow::Result<()> {
    let operator = Operator::open(config).await?;
    let mut owner = super::owner(config).await?;
    if retire {
        let retired = svc_keys::retire_peppers(&mut owner).await?;
        println!("{retired} older peppers are destroyed; what lay under them is unknown within seconds.");
    } else {
        let ahead = Pace::default().ahead;
        let id = svc_keys::rotate_pepper(&mut owner, &operator.master, &SystemEntropy, ahead).await?;
        println!(
            "Pepper {id} makes digests in {} seconds; an API key's is made anew when it is next used.",
            ahead.as_secs()
        );
    }
    let tenants = all_tenants(&operator.platform.database).await?;
    let under = ApiKeysUnder::count(&mut owner, &operator.owner, &tenants).await?;
    println!("{} API keys of tenants lie under the newest pepper, {} under others.", under.newest, under.others);
    operator.done("pepper").await
}

/// Puts every key under the last key of the master file.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn master(config: &Config) -> anyhow::Result<()> {
    let operator = Operator::open(config).await?;
    let mut owner = super::owner(config).await?;
    let tenants = all_tenants(&operator.platform.database).await?;
    let newest = operator.master.newest();
    let done = svc_keys::rewrap(&mut owner, &operator.owner, &tenants, &newest, &SystemEntropy).await?;
    println!(
        "{} keys of the installation and {} of tenants were put under {}.",
        done.installation,
        done.data,
        newest.id()
    );
    if newest.id() != operator.master.id() {
        println!("Now put that key first in the file everywhere; then run this once more, and take the other out.");
    }
    operator.done("master").await
}

/// Replaces the data keys of one tenant, or of all.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn data(config: &Config, named: Option<&str>) -> anyhow::Result<()> {
    let operator = Operator::open(config).await?;
    let tenants = match named {
        Some(named) => vec![named::tenant(config, named).await?],
        None => all_tenants(&operator.platform.database).await?,
    };
    let pace = Pace::default();
    let rotation = DataRotation::new(operator.owner.clone(), operator.platform.clone(), pace);
    for tenant in &tenants {
        rotation.begin(*tenant).await?;
    }
    operator.tell().await?;
    println!("{} tenants have a new key. It is waited until nobody seals under another …", tenants.len());
    tokio::time::sleep(pace.ahead + pace.in_flight).await;
    let left = finish(&rotation, tenants).await?;
    operator.done("data").await?;
    anyhow::ensure!(left.is_empty(), "{} tenants keep an older key for now: run it again", left.len());
    println!("Nothing lies under an older key, and none is left.");
    Ok(())
}

/// Seals again and destroys older keys, and looks again for a while at what is still in use; what is left.
async fn finish(rotation: &DataRotation, mut tenants: Vec<TenantId>) -> anyhow::Result<Vec<TenantId>> {
    for look in 0..LOOKS {
        let mut left = Vec::new();
        for tenant in tenants {
            let resealed = rotation.reseal(tenant).await.with_context(|| tenant.to_text())?;
            tracing::info!(tenant_id = %tenant, values = resealed.values, refused = resealed.refused, "sealed again");
            // What does not open does not open later either.
            if !rotation.end(tenant).await? {
                left.push(tenant);
            }
        }
        if left.is_empty() || look + 1 == LOOKS {
            return Ok(left);
        }
        tenants = left;
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(tenants)
}
