//! `postern import` against real processes: a worker that is killed in the middle, and a file that would
//! not fit into the server's memory.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use core_access::{ApiScope, Caller, Operation};
use core_kernel::{TenantId, TypedId as _};
use io_postgres::TenantTx;
use svc_directory::{CreateApiKeyInput, Directory};
use svc_policy::Policies;
use testkit::{Environment, TestBed, test_master_key};

const PATIENCE: Duration = Duration::from_secs(150);

/// Ended with the test, however that ends.
struct Process(Child);

impl Process {
    /// As `kill -9` ends it.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An installation on a test's own database.
struct Installation {
    bed: TestBed,
    folder: PathBuf,
    address: SocketAddr,
    tenant: TenantId,
    key: String,
    _serve: Process,
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Installation {
    async fn new(name: &str) -> Self {
        let bed = TestBed::new().await;
        let folder = std::env::temp_dir().join(format!("postern-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = folder.join("master.key");
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(key).unwrap();
        file.write_all(test_master_key().to_text().as_bytes()).unwrap();
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let serve =
            Process(command(&bed, &folder, "serve").env("POSTERN_LISTEN", address.to_string()).spawn().unwrap());
        until("it answers", || ready(address)).await;
        let tenant = bed.tenant(Environment::Live).await;
        let directory = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
        let permit = Caller::system(tenant).permit(Operation::ManageApiKeys).unwrap();
        let input = CreateApiKeyInput { name: "cli".into(), scopes: vec![ApiScope::Users], expires_at: None };
        let key = directory.create_api_key(&permit, input).await.unwrap().secret.expose().clone();
        Self { bed, folder, address, tenant, key, _serve: serve }
    }

    fn worker(&self) -> Process {
        // A rest of ten times each batch: there is time to look.
        Process(
            command(&self.bed, &self.folder, "worker").env("POSTERN_IMPORTS__REST_PERCENT", "1000").spawn().unwrap(),
        )
    }

    fn import(&self, file: &Path) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
        command.arg("import").arg(file).args(["--tenant", &self.tenant.to_text(), "--refused"]);
        command.arg(self.folder.join("refused.csv")).env_clear().current_dir(&self.folder);
        command.env("POSTERN_URL", format!("http://{}", self.address)).env("POSTERN_API_KEY", &self.key);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        let mut tx = TenantTx::begin(&self.bed.platform.database, self.tenant).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(tx.connection()).await.unwrap()
    }

    fn resident_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self._serve.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1_024
    }
}

fn command(bed: &TestBed, folder: &Path, role: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    command
        .arg(role)
        .env_clear()
        .current_dir(folder)
        .env("POSTERN_DATABASE_URL", bed.database.app_url())
        .env("POSTERN_KEYS__MASTER_FILE", folder.join("master.key"))
        .env("POSTERN_LOG__FILTER", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

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

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ended(child: Child) -> Output {
    tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing() {
    const ROWS: usize = 12_000;
    let test = Installation::new("killed").await;
    let file = test.folder.join("users.csv");
    let rows: String = (0..ROWS).map(|n| format!("client-{n},EXTERNAL,The Client With Number {n},\r\n")).collect();
    std::fs::write(&file, format!("external_id,kind,display_name,phone\r\n{rows},EXTERNAL,Nobody,\r\n")).unwrap();

    let mut worker = test.worker();
    let import = test.import(&file);
    let moved = "select coalesce(max(processed_rows), 0)::bigint from import_job";
    let began = Instant::now();
    while test.count(moved).await == 0 {
        assert!(began.elapsed() < PATIENCE, "it does not move");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    worker.kill();
    let in_the_middle = test.count("select count(*) from tenant_user").await;
    assert!(in_the_middle > 0 && in_the_middle < ROWS as i64, "{in_the_middle}");
    assert_eq!(in_the_middle, test.count(moved).await, "what is counted is in, and what is in is counted");

    let _second = test.worker();
    let output = ended(import).await;
    let (said, heard) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{said}{heard}");
    let expected =
        format!("COMPLETED_WITH_ERRORS: {} rows, {ROWS} new, 0 changed, 0 as they were, 1 refused", ROWS + 1);
    assert!(said.starts_with(&expected), "{said}");
    assert_eq!(test.count("select count(*) from tenant_user").await, ROWS as i64);
    let refused = std::fs::read_to_string(test.folder.join("refused.csv")).unwrap();
    assert!(refused.contains(&format!("\r\n{},external_id: ", ROWS + 2)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_larger_than_what_may_be_held_is_taken() {
    let test = Installation::new("large").await;
    let file = test.folder.join("users.csv");
    let row = format!("client,EXTERNAL,{}\r\n", "x".repeat(190));
    std::fs::write(&file, format!("external_id,kind,display_name\r\n{}", row.repeat(600_000))).unwrap();
    let before = test.resident_mib();
    let mut import = Process(test.import(&file));
    let began = Instant::now();
    let mut most = before;
    while test.count("select count(*) from import_job where status = 'QUEUED'").await == 0 {
        most = most.max(test.resident_mib());
        assert!(began.elapsed() < PATIENCE && import.0.try_wait().unwrap().is_none(), "it does not arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let bytes = std::fs::metadata(&file).unwrap().len() >> 20;
    assert!(bytes > 110 && most < before + 60, "{bytes} MiB came, and memory went from {before} to {most}");
    assert_eq!(test.count("select max(total_rows)::bigint from import_job").await, 600_000);
    // Somebody hangs up in the middle of the next: nothing is left of it.
    let mut broken = Process(test.import(&file));
    while test.count("select count(*) from import_job where status = 'RECEIVING'").await == 0 {
        assert!(began.elapsed() < PATIENCE, "it does not begin");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    broken.kill();
    while test.count("select count(*) from import_job where status = 'RECEIVING'").await > 0 {
        assert!(began.elapsed() < PATIENCE, "what broke off is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(test.count("select count(distinct import_id) from import_block").await, 1);
}
