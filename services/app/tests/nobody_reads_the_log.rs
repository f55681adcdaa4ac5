//! A server whose log nobody reads any more: the collector at the other end of the pipe died.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use testkit::{TestDatabase, test_master_key};

const PATIENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(20);

fn ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(STEP);
    }
}

/// Ended with the test, however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(database: &TestDatabase, folder: &std::path::Path, address: SocketAddr) -> Server {
    let key = folder.join("master.key");
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key).unwrap();
    file.write_all(test_master_key().to_text().as_bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    command
        .arg("serve")
        .env_clear()
        .current_dir(folder)
        .env("POSTERN_DATABASE_URL", database.app_url())
        .env("POSTERN_KEYS__MASTER_FILE", key)
        .env("POSTERN_LISTEN", address.to_string())
        // Whatever it does, it has something to say.
        .env("POSTERN_LOG__FILTER", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Server(command.spawn().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_answers_and_stops_as_ever() {
    let database = TestDatabase::create().await;
    let folder = std::env::temp_dir().join(format!("postern-unread-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let mut server = serve(&database, &folder, address);
    drop(server.0.stderr.take());
    until("it answers", || ready(address));
    kill(Pid::from_raw(server.0.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    let mut ended = None;
    until("it stops when it is told to", || {
        ended = server.0.try_wait().unwrap();
        ended.is_some()
    });
    assert!(ended.unwrap().success(), "{ended:?}");
    std::fs::remove_dir_all(folder).unwrap();
}
