//! A Redis of a test's own: on a socket in a folder of its own, without persistence, and gone with the test.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use core_kernel::Redacted;
use io_limits::RedisOptions;
use tempfile::TempDir;

const START_WITHIN: Duration = Duration::from_secs(20);
/// The shell ends the server when this process does, however that ends: its standard input is closed then.
const UNTIL_INPUT_ENDS: &str = r#""$@" >/dev/null & read -r _; kill -9 $!; wait"#;

pub struct RedisServer {
    folder: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    pub fn start() -> Self {
        let mut server = Self { folder: TempDir::new().unwrap(), child: None };
        server.up();
        server
    }

    /// Starts the process, which remembers nothing.
    pub fn up(&mut self) {
        let socket = self.folder.path().join("redis.sock");
        let mut command = Command::new("sh");
        command.args(["-c", UNTIL_INPUT_ENDS, "sh", "redis-server", "--port", "0", "--save", "", "--unixsocket"]);
        command.arg(&socket).arg("--dir").arg(self.folder.path()).stdin(Stdio::piped());
        self.child = Some(command.spawn().expect("redis-server: scripts/ensure-tools.sh installs it"));
        let begun = Instant::now();
        while redis::Client::open(self.url()).unwrap().get_connection().is_err() {
            assert!(begun.elapsed() < START_WITHIN, "redis-server did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The end that nobody prepares for.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("redis.sock").display())
    }

    /// Believed at once, and waited for longer than any machine is slow.
    pub fn options(&self) -> RedisOptions {
        RedisOptions {
            timeout: Duration::from_secs(5),
            young_for: Duration::ZERO,
            ..RedisOptions::new(Redacted::new(self.url()))
        }
    }

    pub fn tell(&self, words: &[&str]) {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.exec(&mut connection).unwrap();
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
