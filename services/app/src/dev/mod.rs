//! `postern dev`: everything on this machine, with a database of its own and a demo. One command from
//! nothing to a login that can be clicked through; a second start finds all of it again.

mod addresses;
mod banner;
mod demo_site;
mod facts;
mod history;
mod places;
mod postgres;
mod seed;

use std::path::Path;

use anyhow::Context as _;
use edge_http::Explorer;
use io_local_postgres::LocalPostgres;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::jobs::Jobs;
use crate::roles;
use crate::seeing::{self, Seen};
use crate::shutdown;
use crate::wiring::{Wiring, open_platform};
use demo_site::DemoSite;
use facts::{Facts, FactsFile};
use places::Places;
use seed::Seeded;

/// Runs until told to stop.
pub(crate) async fn run(mut config: Config, seen: Seen) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let folder = prepare_folder(&config.data_dir)?;
    // First of all: a port in use should be told of before anything takes time.
    let places = Places::take(&mut config).await?;
    addresses::ensure(&mut config, &folder)?;
    let server = tokio::select! {
        started = start_database(&mut config, &folder) => started?,
        () = stop.cancelled() => return Ok(()),
    };
    let result = run_on(&config, &folder, (places, seen), stop).await;
    stop_database(server).await?;
    result
}

fn prepare_folder(folder: &Path) -> anyhow::Result<std::path::PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    // Others must be able to pass through: root's database runs as another account.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .with_context(|| folder.display().to_string())?;
    folder.canonicalize().with_context(|| folder.display().to_string())
}

/// Starts the server and brings it up to date; the configuration then points at it.
async fn start_database(config: &mut Config, folder: &Path) -> anyhow::Result<LocalPostgres> {
    banner::step("starting the database");
    let started = postgres::start(folder).await?;
    started.server.notes().iter().for_each(|note| banner::note(note));
    config.database_url = Some(started.app_url);
    config.migration_database_url = Some(started.owner_url);
    let master = folder.join("master.key");
    roles::keys::write_master(&master)?;
    config.keys_master_file = Some(master);
    banner::step("bringing its schema up to date");
    roles::migrate::run(config).await?;
    roles::refuse_unfit(config).await?;
    Ok(started.server)
}

async fn run_on(
    config: &Config,
    folder: &Path,
    (places, seen): (Places, Seen),
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let wiring = Wiring::new(open_platform(config).await?, config)?;
    wiring.prepare().await?;
    let seeded = seed::ensure(&wiring, folder, &places.demo_url()).await?;
    let worker = wiring.delivery_worker(config);
    let mut jobs = Jobs::new(stop);
    jobs.hear_changes(&wiring, Some(worker.clone()));
    jobs.keep_house(&wiring);
    jobs.share_limits(&wiring);
    jobs.watch_addresses(&wiring);
    jobs.deliver(&wiring, worker);
    jobs.simulate(&wiring);
    jobs.remind(&wiring);
    jobs.import_files(&wiring, config);
    jobs.call_webhooks(wiring.webhook_worker(config));
    jobs.fetch_logos(wiring.logo_worker(config));
    jobs.collect(wiring.collector(config));
    jobs.seal_logs(&wiring);
    jobs.take_care(&wiring, wiring.caretaker(config));
    let gateway = wiring.gateway(config, Some(explorer(&seeded)));
    seeing::measure(&wiring, seen.spans);
    seeing::measure_lines(&wiring, &gateway);
    jobs.tell_metrics(&wiring, config).await?;
    jobs.push_metrics(&wiring, config, &seen.service)?;
    jobs.watch_queues(&wiring);
    let (listeners, demo_place) = places.split();
    let site = async {
        banner::step("starting the demo's website");
        let site = DemoSite::start(config, &wiring.platform.public_url, &demo_place, &seeded, folder).await?;
        let facts = Facts::of(&wiring.platform.public_url, &seeded, site.as_ref());
        let file = FactsFile::write(folder, &facts)?;
        banner::ready(&facts);
        jobs.stop.cancelled().await;
        drop(file);
        drop(site);
        anyhow::Ok(())
    };
    let site = async {
        let ended = site.await;
        // Whether it was told to stop or could not go on: the rest stops with it.
        jobs.stop.cancel();
        ended
    };
    let ((), ended) =
        tokio::join!(roles::serve::answer(&wiring, &gateway, listeners, (&jobs, shutdown::CONNECTIONS_WITHIN)), site);
    jobs.finish().await;
    wiring.platform.database.close().await;
    ended
}

fn explorer(seeded: &Seeded) -> Explorer {
    let sandbox = seeded.sandbox();
    Explorer {
        api_key: sandbox.map(|tenant| tenant.api_key.clone()).unwrap_or_default(),
        external_id: seeded.users.first().map(|user| user.external_id.clone()).unwrap_or_default(),
    }
}

async fn stop_database(server: LocalPostgres) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || server.stop()).await?.context("the database did not stop")
}
