//! Random use against a model: nobody is answered with another tenant's value, nor with one from before
//! an invalidation that came before the question. Loads are held open across other operations.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use core_kernel::TenantId;
use futures::poll;
use io_cache::{MAX_TTL, TenantCache};
use proptest::prelude::*;
use tokio::sync::oneshot;
use uuid::Uuid;

type Place = (u8, u8);

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The source changes, and nobody is told.
    Write(Place),
    InvalidateKey(Place),
    InvalidateTenant(u8),
    InvalidateAll,
    Get(Place),
    /// A get whose load, if there is one, has read the source and does not end yet.
    Begin(Place),
    /// The oldest of those ends.
    Finish,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = (0_u8..4, 0_u8..3);
    let step = prop_oneof![
        3 => place.clone().prop_map(Step::Write),
        1 => place.clone().prop_map(Step::InvalidateKey),
        1 => (0_u8..4).prop_map(Step::InvalidateTenant),
        1 => Just(Step::InvalidateAll),
        4 => place.clone().prop_map(Step::Get),
        3 => place.prop_map(Step::Begin),
        2 => Just(Step::Finish),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What the source says: whose value it is, and its version.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Value {
    place: Place,
    version: u32,
}

struct Held {
    place: Place,
    floor: u32,
    finish: oneshot::Sender<()>,
    get: Pin<Box<dyn Future<Output = Arc<Value>>>>,
}

struct World {
    cache: Arc<TenantCache<u8, Value>>,
    versions: HashMap<Place, u32>,
    /// The version at the last invalidation: no later question may be answered with an older one.
    floors: HashMap<Place, u32>,
    held: Vec<Held>,
}

fn tenant(n: u8) -> TenantId {
    TenantId(Uuid::from_u128(n.into()))
}

impl World {
    fn new(capacity: u64) -> Self {
        let cache = Arc::new(TenantCache::new("model", capacity, MAX_TTL));
        Self { cache, versions: HashMap::new(), floors: HashMap::new(), held: Vec::new() }
    }

    fn version(&self, place: Place) -> u32 {
        self.versions.get(&place).copied().unwrap_or(0)
    }

    fn floor(&self, place: Place) -> u32 {
        self.floors.get(&place).copied().unwrap_or(0)
    }

    fn raise(&mut self, covered: impl Fn(Place) -> bool) {
        let raised =
            self.versions.iter().filter(|(place, _)| covered(**place)).map(|(place, version)| (*place, *version));
        self.floors.extend(raised);
    }

    fn check(&self, value: &Value, place: Place, floor: u32) {
        assert_eq!(value.place, place, "somebody else's value");
        assert!((floor..=self.version(place)).contains(&value.version), "{value:?} is older than {floor}");
    }

    fn begin(&self, place: Place) -> Held {
        let (finish, finished) = oneshot::channel();
        let (cache, value) = (Arc::clone(&self.cache), Value { place, version: self.version(place) });
        let get = Box::pin(async move {
            let load = async {
                let _ = finished.await;
                Ok::<_, ()>(value)
            };
            cache.get_with(tenant(place.0), &place.1, || load).await.unwrap()
        });
        Held { place, floor: self.floor(place), finish, get }
    }

    async fn finish_all(&mut self) {
        let held: Vec<_> = self.held.drain(..).collect();
        for held in held {
            self.end(held).await;
        }
    }

    async fn end(&self, held: Held) {
        let _ = held.finish.send(());
        self.check(&*held.get.await, held.place, held.floor);
    }

    async fn get(&mut self, place: Place) {
        let Held { floor, finish, mut get, .. } = self.begin(place);
        let _ = finish.send(());
        let value = match poll!(get.as_mut()) {
            Poll::Ready(value) => value,
            // It has joined a load that is held open.
            Poll::Pending => {
                self.finish_all().await;
                get.await
            }
        };
        self.check(&value, place, floor);
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Write(place) => *self.versions.entry(place).or_default() += 1,
            Step::InvalidateKey(place) => {
                self.cache.invalidate(tenant(place.0), &place.1);
                self.raise(|other| other == place);
            }
            Step::InvalidateTenant(owner) => {
                self.cache.invalidate_tenant(tenant(owner));
                self.raise(|other| other.0 == owner);
            }
            Step::InvalidateAll => {
                self.cache.invalidate_all();
                self.raise(|_| true);
            }
            Step::Get(place) => self.get(place).await,
            Step::Begin(place) => self.hold(place).await,
            // In order, so that whoever waits for another's load finds it ended.
            Step::Finish if !self.held.is_empty() => {
                let oldest = self.held.remove(0);
                self.end(oldest).await;
            }
            Step::Finish => {}
        }
    }

    async fn hold(&mut self, place: Place) {
        let mut held = self.begin(place);
        match poll!(held.get.as_mut()) {
            Poll::Ready(value) => self.check(&value, place, held.floor),
            Poll::Pending => self.held.push(held),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_given_anothers_value_nor_an_invalidated_one(steps in steps(), capacity in 1_u64..20) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(capacity);
            for step in steps {
                world.step(step).await;
            }
            world.finish_all().await;
        });
    }
}
