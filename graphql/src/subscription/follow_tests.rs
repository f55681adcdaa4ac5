//! Following something that a test changes by hand.

use std::sync::{Arc, Mutex};

use core_kernel::{Clock, Entropy, SystemClock, SystemEntropy, TenantId};
use io_postgres::{Thing, Touch};
use svc_platform::Watch;

use super::*;

/// What the next look finds.
#[derive(Clone)]
enum State {
    Is(u32),
    Final(u32),
    Nothing,
    Away,
    Broken,
}

struct World {
    watch: Watch,
    tenant: TenantId,
    id: Uuid,
    state: Arc<Mutex<State>>,
}

impl World {
    fn new(state: State) -> Self {
        let id = || SystemEntropy.uuid_v7(SystemClock.now());
        Self { watch: Watch::new(id()), tenant: TenantId(id()), id: id(), state: Arc::new(Mutex::new(state)) }
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }

    fn touch(&self) {
        self.watch.touch(Touch::new(Thing::Challenge, self.tenant, self.id));
    }

    fn follow(&self) -> Updates<u32> {
        let state = self.state.clone();
        let look: Look<u32, u32> = Box::new(move || {
            let found: Result<Option<Seen<u32, u32>>, Stop> = match state.lock().unwrap().clone() {
                State::Is(value) => Ok(Some(Seen { value, mark: value, also: Vec::new(), is_final: false })),
                State::Final(value) => Ok(Some(Seen { value, mark: value, also: Vec::new(), is_final: true })),
                State::Nothing => Ok(None),
                State::Away => Err(Fault::Unavailable.into()),
                State::Broken => Err(Fault::internal("broken").into()),
            };
            Box::pin(async move { found })
        });
        follow(self.watch.one(self.tenant, self.id), look)
    }
}

/// What is told within a while; none where nothing is.
async fn told(states: &mut Updates<u32>, within: Duration) -> Option<Option<Result<u32>>> {
    timeout(within, states.next()).await.ok()
}

fn value(told: Option<Option<Result<u32>>>) -> u32 {
    told.expect("something is told").expect("it goes on").expect("a state")
}

const AT_ONCE: Duration = Duration::from_millis(500);

#[tokio::test]
async fn the_present_state_comes_first_and_a_final_one_is_the_last() {
    let world = World::new(State::Is(1));
    let mut states = world.follow();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 1);
    world.set(State::Final(2));
    world.touch();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 2);
    assert!(matches!(told(&mut states, AT_ONCE).await, Some(None)));
    drop(states);
    assert_eq!(world.watch.watchers(), 0);
}

#[tokio::test]
async fn many_touches_while_nobody_asks_are_one_state_the_latest() {
    let world = World::new(State::Is(0));
    let mut states = world.follow();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 0);
    for number in 1..=100 {
        world.set(State::Is(number));
        world.touch();
    }
    assert_eq!(value(told(&mut states, AT_ONCE).await), 100);
    assert!(told(&mut states, AT_ONCE).await.is_none(), "and nothing else");
}

#[tokio::test]
async fn what_changed_untouched_is_found_by_the_second_look_and_what_did_not_is_not_told() {
    let world = World::new(State::Is(1));
    let mut states = world.follow();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 1);
    world.set(State::Is(2));
    assert_eq!(value(told(&mut states, SECOND_LOOK * 2).await), 2);
    assert!(told(&mut states, SECOND_LOOK * 2).await.is_none());
}

#[tokio::test]
async fn a_touch_is_told_even_where_the_mark_is_the_same() {
    let world = World::new(State::Is(1));
    let mut states = world.follow();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 1);
    world.touch();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 1);
}

#[tokio::test]
async fn what_is_not_there_or_no_longer_ends_with_not_found() {
    for begun in [false, true] {
        let world = World::new(if begun { State::Is(1) } else { State::Nothing });
        let mut states = world.follow();
        if begun {
            assert_eq!(value(told(&mut states, AT_ONCE).await), 1);
            world.set(State::Nothing);
            world.touch();
        }
        let error = told(&mut states, AT_ONCE).await.unwrap().unwrap().unwrap_err();
        assert_eq!(error.extensions.unwrap().get("code"), Some(&"NOT_FOUND".into()));
        assert!(matches!(told(&mut states, AT_ONCE).await, Some(None)));
    }
}

#[tokio::test]
async fn a_database_that_goes_away_is_waited_for_and_one_that_was_never_there_is_not() {
    let world = World::new(State::Is(1));
    let mut states = world.follow();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 1);
    world.set(State::Away);
    world.touch();
    assert!(told(&mut states, AT_ONCE).await.is_none());
    world.set(State::Is(2));
    world.touch();
    assert_eq!(value(told(&mut states, AT_ONCE).await), 2);

    for state in [State::Away, State::Broken] {
        let mut states = World::new(state).follow();
        assert!(told(&mut states, AT_ONCE).await.unwrap().unwrap().is_err());
        assert!(matches!(told(&mut states, AT_ONCE).await, Some(None)));
    }
}
