//! Logins that are due at instants fixed beforehand, at one or several gateways, whatever becomes of them.
//!
//! A connection that breaks takes the login with it that it carried: that one failed. The next goes to the
//! next gateway, and a gateway that refuses connections is passed over, as a balancer does.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::drive::Scenario;
use crate::http::Connection;
use crate::storm::schedule::Schedule;
use crate::storm::timeline::Timeline;

/// Whoever waited this long has gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nobody is asked where no gateway takes a connection.
const PAUSE: Duration = Duration::from_millis(20);

/// An open load.
#[derive(Debug, Clone)]
pub struct Open {
    /// The gateways.
    pub gateways: Vec<SocketAddr>,
    /// On how many connections in all.
    pub connections: usize,
    /// When logins are due.
    pub schedule: Schedule,
    /// When the schedule begins.
    pub began: Instant,
    /// Which case comes first.
    pub first: usize,
}

impl Open {
    /// Drives the scenario to the schedule's end, on one thread of its own.
    ///
    /// # Errors
    /// When the driver itself fails; what the gateways fail at is in the result.
    pub async fn run<S: Scenario>(self, scenario: Arc<S>) -> anyhow::Result<Timeline> {
        tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(LocalSet::new().run_until(self.drive(scenario)))
        })
        .await?
    }

    async fn drive<S: Scenario>(self, scenario: Arc<S>) -> anyhow::Result<Timeline> {
        let queue = Rc::new(Queue { next: Cell::new(self.first), ..Queue::default() });
        tokio::task::spawn_local(queue.clone().fill(dues(self.began, &self.schedule)));
        let callers = (0..self.connections).map(|n| {
            let caller = Caller { gateways: self.gateways.clone(), at: n, connection: None };
            tokio::task::spawn_local(caller.call(self.began, scenario.clone(), queue.clone()))
        });
        let mut timeline = Timeline::default();
        for caller in callers.collect::<Vec<_>>() {
            timeline.merge(&caller.await?);
        }
        Ok(timeline)
    }
}

/// Tells of each login when it is due, from a thread of its own: a timer of the runtime would be late by more.
fn dues(began: Instant, schedule: &Schedule) -> mpsc::UnboundedReceiver<Duration> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let arrivals = schedule.arrivals();
    std::thread::spawn(move || {
        for due in arrivals {
            if let Some(wait) = (began + due).checked_duration_since(Instant::now()) {
                std::thread::sleep(wait);
            }
            if sender.send(due).is_err() {
                return;
            }
        }
    });
    receiver
}

/// What is due and not begun.
#[derive(Default)]
struct Queue {
    next: Cell<usize>,
    due: RefCell<VecDeque<Duration>>,
    more: Notify,
    over: Cell<bool>,
}

impl Queue {
    async fn fill(self: Rc<Self>, mut dues: mpsc::UnboundedReceiver<Duration>) {
        while let Some(due) = dues.recv().await {
            self.due.borrow_mut().push_back(due);
            self.more.notify_one();
        }
        self.over.set(true);
        self.more.notify_one();
    }

    async fn take(&self) -> Option<(usize, Duration)> {
        loop {
            let first = self.due.borrow_mut().pop_front();
            if let Some(due) = first {
                let n = self.next.get();
                self.next.set(n + 1);
                return Some((n, due));
            }
            if self.over.get() {
                // Whoever waits beside this one is to hear it too.
                self.more.notify_one();
                return None;
            }
            self.more.notified().await;
        }
    }
}

struct Caller {
    gateways: Vec<SocketAddr>,
    at: usize,
    connection: Option<Connection>,
}

impl Caller {
    async fn call<S: Scenario>(mut self, began: Instant, scenario: Arc<S>, queue: Rc<Queue>) -> Timeline {
        let mut timeline = Timeline::default();
        while let Some((n, due)) = queue.take().await {
            let left = PATIENCE.saturating_sub(began.elapsed().saturating_sub(due));
            let served = timeout(left, self.serve(&*scenario, n)).await.unwrap_or(false);
            if !served {
                self.connection = None;
            }
            timeline.note(due, served.then(|| began.elapsed().saturating_sub(due)));
        }
        timeline
    }

    async fn serve<S: Scenario>(&mut self, scenario: &S, n: usize) -> bool {
        let Some(connection) = self.connected().await else { return false };
        scenario.run(n, connection).await.unwrap_or(false)
    }

    /// The connection that is open, or one to the next gateway that takes it.
    async fn connected(&mut self) -> Option<&mut Connection> {
        if self.connection.is_none() {
            for _ in 0..self.gateways.len() {
                let gateway = self.gateways[self.at % self.gateways.len()];
                self.at += 1;
                if let Ok(connection) = Connection::open(gateway).await {
                    self.connection = Some(connection);
                    break;
                }
            }
        }
        if self.connection.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
        self.connection.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storm::schedule::Phase;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers `{}`, and breaks the connection at every `breaks`-th request.
    async fn gateway(breaks: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut asked = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4_096];
                while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                    asked += 1;
                    if asked % breaks == 0 {
                        break;
                    }
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
                }
            }
        });
        address
    }

    struct Ask;

    impl Scenario for Ask {
        async fn run(&self, _: usize, connection: &mut Connection) -> anyhow::Result<bool> {
            connection.post("/", "key", b"{}").await?;
            Ok(true)
        }
    }

    async fn run(gateways: Vec<SocketAddr>) -> Timeline {
        let phase = Phase { name: "all".to_owned(), seconds: 1.0, rate: [100.0, 100.0] };
        let schedule = Schedule::new(&[phase], 1.0);
        let open = Open { gateways, connections: 1, schedule, began: Instant::now(), first: 0 };
        open.run(Arc::new(Ask)).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_login_that_was_due_is_accounted_for_and_a_broken_connection_costs_one() {
        let timeline = run(vec![gateway(20).await]).await;
        let whole = timeline.within((Duration::ZERO, Duration::from_secs(1)));
        assert_eq!((whole.due, whole.served, whole.failed), (100, 95, 5));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_gateway_that_takes_no_connection_is_passed_over() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let timeline = run(vec![closed, gateway(1_000).await]).await;
        assert_eq!(timeline.failing_seconds(), 0);
        let nobody = run(vec![closed]).await;
        assert_eq!(nobody.within((Duration::ZERO, Duration::from_secs(1))).failed, 100);
    }
}
