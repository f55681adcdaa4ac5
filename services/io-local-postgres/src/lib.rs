//! A private PostgreSQL server: found, initialised, started and stopped by us.
//!
//! `postern dev` and the tests need a real server on a machine that may have none running, or one
//! that belongs to somebody else. So the server made here has its own folder, listens on no TCP
//! port, and is reached through a socket folder that only its owner may enter; whatever answers on
//! a well-known port of this machine is never touched.
//!
//! PostgreSQL refuses to run as root. A root caller therefore gets a server that runs as `postgres`
//! (or `nobody`), whose folder is moved to `/var/lib/postern` when that account could not reach the
//! folder asked for. Durability is never weakened: a test on a server without `fsync` proves
//! nothing about the one in production.
//!
//! Everything blocks; callers inside an async runtime use `spawn_blocking`. The server does not
//! depend on the thread that started it.

mod account;
mod binaries;
mod error;
mod initialise;
mod options;
mod place;
mod postmaster;
mod server;
mod socket;
mod test_cluster;
mod url;
mod version;

use std::path::{Path, PathBuf};

use core_kernel::{Entropy, Redacted, SystemEntropy};

pub use binaries::{Binaries, EMBEDDED_TOOLS_AS_ROOT};
pub use error::Error;
pub use options::{Lifetime, Options};
pub use test_cluster::{SUPERUSER_URL_VARIABLE, reset_test_cluster, stop_test_cluster, test_cluster};
pub use version::{Support, Version};

use account::Account;
use place::Place;
use postmaster::Postmaster;
use server::Server;

/// The name of the server's superuser. Serving code never connects as it.
pub const SUPERUSER: &str = "postgres";

/// The suffix of the socket's name; no TCP port is opened. It is not 5432, so that a client that
/// loses the socket folder from its URL meets nobody rather than somebody else's server.
pub const PORT: u16 = 54329;

/// A running private server.
///
/// Dropping it stops the server, unless it was started as [`Lifetime::Detached`].
#[derive(Debug)]
pub struct LocalPostgres {
    server: Server,
    place: Place,
    socket_dir: PathBuf,
    password: Redacted<String>,
    lifetime: Lifetime,
    notes: Vec<String>,
    /// Held as long as the server is ours, so that two processes never manage one folder.
    _lock: Option<std::fs::File>,
}

impl LocalPostgres {
    /// Finds the best server programs on this machine (see [`Binaries::find`]).
    ///
    /// # Errors
    /// When there are none, or only versions with known leaks.
    pub fn find_binaries(tools_dirs: &[PathBuf]) -> Result<Binaries, Error> {
        Binaries::find(tools_dirs, None)
    }

    /// Starts the server, making its folder first where there is none, and returns once it answers.
    ///
    /// A server left over from a crash is stopped first (with [`Lifetime::Detached`] it is used as it
    /// stands when it answers and has the same settings).
    ///
    /// # Errors
    /// Each [`Error`] is one sentence for the person at the terminal.
    pub fn start(options: Options) -> Result<Self, Error> {
        Self::start_with(options, &SystemEntropy)
    }

    /// As [`start`](Self::start), with the given source of randomness for password and folder names.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(options: Options, entropy: &dyn Entropy) -> Result<Self, Error> {
        options.check()?;
        let account = Account::choose(&options.data_dir)?;
        let place = Place::prepare(&options.data_dir, account)?;
        let lock = place.lock()?;
        let binaries = place.binaries(&options)?;
        let mut notes = place.notes();
        notes.extend(binaries.version().warning());
        if let Some(found) = running_as_wanted(&place, &options, &binaries) {
            let (server, password) = (Server::found(found.pid), place.password()?);
            let (socket_dir, lifetime) = (found.socket_dir, Lifetime::Detached);
            return Ok(Self { server, place, socket_dir, password, lifetime, notes, _lock: None });
        }
        postmaster::stop_leftover(&place)?;
        initialise::unless_done(&place, &binaries, entropy)?;
        let socket_dir = socket::prepare(&place, entropy)?;
        let server = Server::launch(&place, &binaries, &options, &socket_dir)?;
        place.write_settings(&options.fingerprint(&binaries))?;
        let lock = (options.lifetime == Lifetime::WithParent).then_some(lock);
        let password = place.password()?;
        Ok(Self { server, place, socket_dir, password, lifetime: options.lifetime, notes, _lock: lock })
    }

    /// A URL for the given database and role, for sqlx: `postgres://user:password@localhost:port/database?host=/socket/folder`.
    /// A password is asked of every role.
    #[must_use]
    pub fn connection_url(&self, database: &str, user: &str, password: &str) -> Redacted<String> {
        url::connection_url(&self.socket_dir, database, user, password)
    }

    /// The superuser's URL: for making roles and databases, and for nothing else.
    #[must_use]
    pub fn superuser_url(&self) -> Redacted<String> {
        self.connection_url("postgres", SUPERUSER, self.password.expose())
    }

    /// The folder that holds the server's socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Where everything of this server is kept: the folder asked for, or the one it was moved to.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.base()
    }

    /// The postmaster's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.server.pid()
    }

    /// Sentences that the person at the terminal should see: an outdated version, a moved folder.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the server process is still there.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.server.is_running(&self.place)
    }

    /// Stops the server: open transactions are rolled back, everything committed is on disk.
    ///
    /// # Errors
    /// When the server does not end within a minute.
    pub fn stop(mut self) -> Result<(), Error> {
        self.shut_down()
    }

    fn shut_down(&mut self) -> Result<(), Error> {
        self.server.stop(&self.place)?;
        socket::remove(&self.socket_dir);
        Ok(())
    }
}

impl Drop for LocalPostgres {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::WithParent {
            // Nobody is left to tell; the next start finds a leftover server and stops it.
            let _ = self.shut_down();
        }
    }
}

/// The server that is already there, if it may be left running and is what `options` ask for.
fn running_as_wanted(place: &Place, options: &Options, binaries: &Binaries) -> Option<Postmaster> {
    let wanted = options.lifetime == Lifetime::Detached && place.settings() == options.fingerprint(binaries);
    postmaster::answering(place).filter(|_| wanted)
}
