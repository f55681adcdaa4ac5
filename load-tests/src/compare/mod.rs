//! Another product beside Postern: the same logins, the same driver, in turns.
//!
//! A product is whatever can take a login step by step ([`Product`]). One whose API is HTTP and JSON needs no
//! code: a file in `load-tests/products` says what is asked for each step and where in the answer the next
//! step finds what it needs ([`Mapped`]).

mod mapped;
mod mapping;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub use mapped::Mapped;
pub use mapping::{Call, Mapping};
pub use table::table;

use crate::storm::histogram::Histogram;

/// What is known of one login: who logs in, and what the steps so far have brought.
pub type Facts = BTreeMap<String, String>;

/// A step of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What does this login need?
    Evaluate,
    /// Send a code.
    Start,
    /// The code, as whoever holds the phone reads it. Its time is nobody's.
    Code,
    /// Is this the code?
    Verify,
}

impl Step {
    /// In their order.
    pub const ALL: [Self; 4] = [Self::Evaluate, Self::Start, Self::Code, Self::Verify];
    /// Those that a product answers for.
    pub const MEASURED: [Self; 3] = [Self::Evaluate, Self::Start, Self::Verify];

    /// What files and tables call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evaluate => "evaluate",
            Self::Start => "start",
            Self::Code => "code",
            Self::Verify => "verify",
        }
    }
}

/// A product that takes logins.
pub trait Product: Send + Sync + 'static {
    /// What tables call it.
    fn name(&self) -> &str;

    /// Takes a step, and adds to the facts what it brought. An answer that is not the right one is an error.
    fn take(&self, step: Step, facts: &mut Facts) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What a product took.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Whole logins.
    pub logins: u64,
    /// Logins of which a step went wrong.
    pub failed: u64,
    /// How the first of these went wrong.
    pub first_failure: Option<String>,
    /// How long all of it lasted.
    pub elapsed: Duration,
    /// How long each step took.
    pub waits: BTreeMap<Step, Histogram>,
}

impl Taken {
    /// Whole logins a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.logins as f64 / self.elapsed.as_secs_f64()
    }

    /// Adds what was taken at another time.
    pub fn merge(&mut self, other: Self) {
        self.logins += other.logins;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
        self.elapsed += other.elapsed;
        other.waits.iter().for_each(|(step, waits)| self.waits.entry(*step).or_default().merge(waits));
    }
}

/// Logs in so many users at a time for so long, one user after the other from `next` on.
///
/// # Errors
/// When the driver itself fails.
pub async fn drive<P: Product>(
    product: &Arc<P>,
    users: &Arc<Vec<Facts>>,
    next: &Arc<AtomicUsize>,
    at_a_time: usize,
    duration: Duration,
) -> anyhow::Result<Taken> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..at_a_time)
        .map(|_| {
            let (product, users, next) = (product.clone(), users.clone(), next.clone());
            tokio::spawn(async move {
                let mut taken = Taken::default();
                while began.elapsed() < duration {
                    let Some(user) = users.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    log_in(&*product, user.clone(), &mut taken).await;
                }
                taken
            })
        })
        .collect();
    let mut whole = Taken::default();
    for task in tasks {
        whole.merge(task.await?);
    }
    whole.elapsed = began.elapsed();
    Ok(whole)
}

async fn log_in<P: Product>(product: &P, mut facts: Facts, taken: &mut Taken) {
    for step in Step::ALL {
        let began = Instant::now();
        if let Err(error) = product.take(step, &mut facts).await {
            taken.failed += 1;
            taken.first_failure.get_or_insert_with(|| format!("{}: {error:#}", step.name()));
            return;
        }
        taken.waits.entry(step).or_default().add(began.elapsed());
    }
    taken.logins += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::ensure;

    /// Refuses codes of users whose number is odd.
    struct Odd;

    impl Product for Odd {
        fn name(&self) -> &'static str {
            "odd"
        }

        async fn take(&self, step: Step, facts: &mut Facts) -> anyhow::Result<()> {
            ensure!(step != Step::Verify || facts["n"].parse::<u32>()? % 2 == 0, "wrong code");
            Ok(())
        }
    }

    #[tokio::test]
    async fn each_user_logs_in_once_and_what_goes_wrong_is_told() {
        let users: Vec<Facts> = (0..10).map(|n| Facts::from([("n".to_owned(), n.to_string())])).collect();
        let next = Arc::new(AtomicUsize::new(0));
        let minute = Duration::from_secs(60);
        let taken = drive(&Arc::new(Odd), &Arc::new(users), &next, 3, minute).await.unwrap();
        assert_eq!((taken.logins, taken.failed), (5, 5));
        assert_eq!(taken.first_failure.as_deref(), Some("verify: wrong code"));
        assert_eq!(taken.waits[&Step::Start].count(), 10);
        assert_eq!(taken.waits[&Step::Verify].count(), 5, "what was refused is no answer");
    }
}
