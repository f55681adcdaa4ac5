//! All configured files together, and the question that they answer.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use core_kernel::Clock;

use crate::addresses::worth_a_look;
use crate::located::{Anonymizer, Located, Network, Place};
use crate::record::Record;
use crate::source::{Content, Reading, Source};
use crate::status::{SourceKind, SourceStatus};

/// Which files there are. Of each kind there may be several, such as one for IPv4 and one for IPv6:
/// the first that knows an address answers.
#[derive(Debug, Clone, Default)]
pub struct AtlasOptions {
    /// Databases of places.
    pub city: Vec<PathBuf>,
    /// Databases of networks.
    pub asn: Vec<PathBuf>,
    /// Databases (named `….mmdb`) or lists (all other names) of what hides who is behind an address.
    pub anonymizer: Vec<PathBuf>,
    /// Folders that may take private copies, tried in this order; without one, files are read into
    /// memory.
    pub copy_folders: Vec<PathBuf>,
}

/// Where addresses are; cheap to clone, and all clones are one.
#[derive(Clone)]
pub struct Atlas(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    copy_folders: Vec<PathBuf>,
    /// Locked by who refreshes alone, perhaps for seconds.
    sources: Mutex<Vec<Source>>,
    /// What look-ups see; locked for as long as it takes to count a reference.
    view: RwLock<Arc<View>>,
}

/// What is in use, at one moment.
#[derive(Default)]
struct View {
    city: Vec<Arc<Content>>,
    asn: Vec<Arc<Content>>,
    anonymizer: Vec<Arc<Content>>,
    status: Vec<SourceStatus>,
}

impl Atlas {
    /// Opens what can be opened; what cannot is told by the log and [`status`](Self::status), and taken
    /// up by [`refresh`](Self::refresh) when it can. It reads whole files and may take a second.
    #[must_use]
    pub fn open(options: AtlasOptions, clock: Arc<dyn Clock>) -> Self {
        let AtlasOptions { city, asn, anonymizer, copy_folders } = options;
        let of = |kind, paths: Vec<PathBuf>| paths.into_iter().map(move |path| Source::new(kind, &path));
        let sources = of(SourceKind::City, city)
            .chain(of(SourceKind::Asn, asn))
            .chain(of(SourceKind::Anonymizer, anonymizer))
            .collect();
        let (sources, view) = (Mutex::new(sources), RwLock::default());
        let atlas = Self(Arc::new(Shared { clock, copy_folders, sources, view }));
        atlas.refresh();
        atlas
    }

    /// An atlas without files, which knows of nothing.
    #[must_use]
    pub fn empty(clock: Arc<dyn Clock>) -> Self {
        Self::open(AtlasOptions::default(), clock)
    }

    /// What is known of an address. It does no input or output, and takes microseconds.
    #[must_use]
    pub fn locate(&self, address: IpAddr) -> Located {
        worth_a_look(address).map(|address| self.view().locate(address)).unwrap_or_default()
    }

    /// What became of each configured file, in the order of configuration; empty: none is configured.
    #[must_use]
    pub fn status(&self) -> Vec<SourceStatus> {
        self.view().status.clone()
    }

    /// Takes up files that changed. It reads whole files: call it where blocking is allowed.
    pub fn refresh(&self) {
        let mut sources = self.0.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = Reading { folders: &self.0.copy_folders, now: self.0.clock.now() };
        let changed = sources.iter_mut().fold(false, |changed, source| source.refresh(&reading) | changed);
        if changed {
            let view = Arc::new(View::of(&sources));
            *self.0.view.write().unwrap_or_else(PoisonError::into_inner) = view;
        }
    }

    /// Takes up files that change, looking every `interval`, for ever.
    pub async fn watch(&self, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            let atlas = self.clone();
            if let Err(error) = tokio::task::spawn_blocking(move || atlas.refresh()).await {
                tracing::warn!(error = %error, "could not look for new address databases");
            }
        }
    }

    fn view(&self) -> Arc<View> {
        self.0.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl View {
    fn of(sources: &[Source]) -> Self {
        let of =
            |kind| sources.iter().filter(move |source| source.kind() == kind).filter_map(Source::content).collect();
        Self {
            city: of(SourceKind::City),
            asn: of(SourceKind::Asn),
            anonymizer: of(SourceKind::Anonymizer),
            status: sources.iter().map(Source::status).collect(),
        }
    }

    fn locate(&self, address: IpAddr) -> Located {
        let place = self.place(address);
        let (network, organization) =
            self.network(address).map_or((None, None), |network| (Some(network.number), network.organization));
        Located {
            country: place.country,
            city: place.city,
            position: place.position,
            accuracy_km: place.accuracy_km,
            network,
            organization,
            anonymizer: self.anonymizer(address, network),
        }
    }

    /// Some files of networks tell the country too, and some of places the network.
    fn place(&self, address: IpAddr) -> Place {
        let mut places = records(address, &self.city, &self.asn).map(|record| record.place());
        places.find(Place::is_known).unwrap_or_default()
    }

    fn network(&self, address: IpAddr) -> Option<Network> {
        records(address, &self.asn, &self.city).find_map(|record| record.network())
    }

    fn anonymizer(&self, address: IpAddr, network: Option<u32>) -> Option<Anonymizer> {
        self.anonymizer.iter().find_map(|content| match &**content {
            Content::Database(database) => database.find(address)?.anonymizer(),
            Content::List(list) => list.contains(address, network).then_some(Anonymizer::Listed),
        })
    }
}

/// What databases hold for an address, those asked `first` before those asked `then`.
fn records<'v>(
    address: IpAddr,
    first: &'v [Arc<Content>],
    then: &'v [Arc<Content>],
) -> impl Iterator<Item = Record<'v>> {
    first.iter().chain(then).filter_map(move |content| match &**content {
        Content::Database(database) => database.find(address),
        Content::List(_) => None,
    })
}
