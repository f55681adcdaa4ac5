//! The driver: closed loops for what a server can do at most, open loops for what its users wait.
//!
//! In a closed loop each connection sends its next request when it has its answer; a server that
//! stalls is asked less, and the stall hides. In an open loop requests are due at times fixed
//! beforehand, and the wait of each is counted from the time it was due.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use tokio::task::LocalSet;

use crate::http::Connection;
use crate::stats::Sample;

/// What is asked of the server, again and again.
pub trait Scenario: Send + Sync + 'static {
    /// Runs the `n`-th case on a connection; `false` where there is none any more. An answer that is
    /// not the right one is an error: a server that refuses quickly is not fast.
    fn run(&self, n: usize, connection: &mut Connection) -> impl Future<Output = anyhow::Result<bool>>;
}

/// How a loop is driven.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Each connection asks as soon as it has its answer.
    Closed,
    /// So many requests a second, whatever becomes of them.
    Open(f64),
}

/// A measurement.
#[derive(Debug, Clone, Copy)]
pub struct Drive {
    /// Where the server is.
    pub address: SocketAddr,
    /// On how many connections.
    pub connections: usize,
    /// Closed or open.
    pub pace: Pace,
    /// It ends after this long, or when the scenario has no case left.
    pub duration: Duration,
    /// Which case comes first.
    pub first: usize,
}

impl Drive {
    /// Drives the scenario, on one thread of its own.
    ///
    /// # Errors
    /// When any answer is not the right one.
    pub async fn run<S: Scenario>(self, scenario: std::sync::Arc<S>) -> anyhow::Result<Sample> {
        tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(LocalSet::new().run_until(self.drive(scenario)))
        })
        .await?
    }

    async fn drive<S: Scenario>(self, scenario: std::sync::Arc<S>) -> anyhow::Result<Sample> {
        let mut connections = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            connections.push(Connection::open(self.address).await?);
        }
        let due = Rc::new(Due::new(self));
        let began = Instant::now();
        if let Pace::Open(rate) = self.pace {
            tokio::task::spawn_local(due.clone().fill(arrivals(rate, began, self.duration)));
        }
        let tasks: Vec<_> = connections
            .into_iter()
            .map(|connection| tokio::task::spawn_local(serve(connection, scenario.clone(), due.clone())))
            .collect();
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.extend(task.await??);
        }
        Ok(Sample::new(began.elapsed(), latencies))
    }
}

/// Which case is next, and since when it is due.
struct Due {
    drive: Drive,
    end: Instant,
    next: Cell<usize>,
    arrived: RefCell<VecDeque<Instant>>,
    more: Notify,
    over: Cell<bool>,
}

impl Due {
    fn new(drive: Drive) -> Self {
        Self {
            drive,
            end: Instant::now() + drive.duration,
            next: Cell::new(drive.first),
            arrived: RefCell::default(),
            more: Notify::new(),
            over: Cell::new(false),
        }
    }

    fn case(&self, since: Instant) -> (usize, Instant) {
        let n = self.next.get();
        self.next.set(n + 1);
        (n, since)
    }

    async fn next(&self) -> Option<(usize, Instant)> {
        match self.drive.pace {
            Pace::Closed => {
                let now = Instant::now();
                (now < self.end).then(|| self.case(now))
            }
            Pace::Open(_) => self.next_arrived().await,
        }
    }

    async fn next_arrived(&self) -> Option<(usize, Instant)> {
        loop {
            let first = self.arrived.borrow_mut().pop_front();
            if let Some(since) = first {
                return Some(self.case(since));
            }
            if self.over.get() {
                self.more.notify_one();
                return None;
            }
            self.more.notified().await;
        }
    }

    async fn fill(self: Rc<Self>, mut arrivals: mpsc::UnboundedReceiver<Instant>) {
        while let Some(arrival) = arrivals.recv().await {
            self.arrived.borrow_mut().push_back(arrival);
            self.more.notify_one();
        }
        self.over.set(true);
        self.more.notify_one();
    }
}

/// Tells of each request when it is due. A thread of its own, since a sleeping thread is woken within
/// a tenth of a millisecond and a timer of the runtime within one or two.
fn arrivals(rate: f64, began: Instant, duration: Duration) -> mpsc::UnboundedReceiver<Instant> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for n in 0_u32.. {
            let due = began + Duration::from_secs_f64(f64::from(n) / rate);
            if due.duration_since(began) >= duration {
                return;
            }
            if let Some(wait) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(wait);
            }
            if sender.send(due).is_err() {
                return;
            }
        }
    });
    receiver
}

async fn serve<S: Scenario>(
    mut connection: Connection,
    scenario: std::sync::Arc<S>,
    due: Rc<Due>,
) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while let Some((n, since)) = due.next().await {
        if !scenario.run(n, &mut connection).await? {
            break;
        }
        latencies.push(since.elapsed());
    }
    Ok(latencies)
}
