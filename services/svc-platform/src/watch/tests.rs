use super::*;

const SOON: Duration = Duration::from_millis(20);

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn touch(owner: u128, id: u128) -> Touch {
    Touch::new(Thing::Challenge, tenant(owner), Uuid::from_u128(id))
}

fn watch() -> Watch {
    Watch::new(Uuid::from_u128(99))
}

/// Whether it is woken; a wake-up is spent by it.
async fn is_woken(watcher: &Watcher) -> bool {
    timeout(SOON, watcher.touched()).await.is_ok()
}

#[tokio::test]
async fn a_touch_wakes_whoever_watches_that_thing_of_that_tenant_and_nobody_else() {
    let watch = watch();
    let (it, other, foreign) = (
        watch.one(tenant(1), Uuid::from_u128(5)),
        watch.one(tenant(1), Uuid::from_u128(6)),
        watch.one(tenant(2), Uuid::from_u128(5)),
    );
    watch.touch(touch(1, 5));
    assert!(is_woken(&it).await && !is_woken(&it).await, "once");
    assert!(!is_woken(&other).await && !is_woken(&foreign).await);
}

#[tokio::test]
async fn all_of_a_kind_are_watched_within_one_tenant() {
    let watch = watch();
    let challenges = watch.every(tenant(1), Thing::Challenge);
    let imports = watch.every(tenant(1), Thing::Import);
    let foreign = watch.every(tenant(2), Thing::Challenge);
    watch.hear(touch(1, 5));
    assert!(is_woken(&challenges).await);
    assert!(!is_woken(&imports).await && !is_woken(&foreign).await);
}

#[tokio::test]
async fn what_is_touched_before_it_is_waited_for_is_not_missed_and_many_are_one() {
    let watch = watch();
    let watcher = watch.one(tenant(1), Uuid::from_u128(5));
    (0..1_000).for_each(|_| watch.touch(touch(1, 5)));
    assert!(is_woken(&watcher).await && !is_woken(&watcher).await);
}

#[tokio::test]
async fn what_is_added_is_watched_too_up_to_a_bound() {
    let watch = watch();
    let mut watcher = watch.one(tenant(1), Uuid::from_u128(0));
    (1..100).for_each(|id| watcher.also(Uuid::from_u128(id)));
    watch.touch(touch(1, 15));
    assert!(is_woken(&watcher).await);
    watch.touch(touch(1, 16));
    assert!(!is_woken(&watcher).await);
}

#[tokio::test]
async fn a_tenants_watchers_or_all_can_be_woken() {
    let watch = watch();
    let (first, second) = (watch.one(tenant(1), Uuid::from_u128(5)), watch.every(tenant(2), Thing::Import));
    watch.look_again_at(tenant(2));
    assert!(!is_woken(&first).await && is_woken(&second).await);
    watch.look_again();
    assert!(is_woken(&first).await && is_woken(&second).await);
}

#[tokio::test]
async fn who_stops_watching_leaves_nothing_behind() {
    let watch = watch();
    let mut watchers: Vec<_> = (0..100).map(|id| watch.one(tenant(1), Uuid::from_u128(id))).collect();
    watchers.iter_mut().for_each(|watcher| watcher.also(Uuid::from_u128(7)));
    assert_eq!(watch.watchers(), 100);
    drop(watchers);
    assert_eq!(watch.watchers(), 0);
    assert!(watch.0.registry.holds_nothing());
}

#[tokio::test]
async fn others_are_told_only_while_somebody_watches_there() {
    let watch = watch();
    watch.touch(touch(1, 5));
    watch.hear_watching(Uuid::from_u128(99));
    watch.touch(touch(1, 5));
    assert_eq!(watch.announcement(), Announcement::default(), "nobody, and itself");
    watch.hear_watching(Uuid::from_u128(98));
    watch.touch(touch(1, 5));
    watch.touch(touch(1, 5));
    assert_eq!(watch.announcement(), Announcement { touches: vec![touch(1, 5)], ..Announcement::default() });
    assert_eq!(watch.announcement(), Announcement::default(), "told once");
}

#[tokio::test]
async fn what_comes_from_elsewhere_is_not_told_on() {
    let watch = watch();
    watch.hear_watching(Uuid::from_u128(98));
    watch.hear(touch(1, 5));
    assert_eq!(watch.announcement(), Announcement::default());
}

#[tokio::test]
async fn who_watches_is_announced() {
    let watch = watch();
    let _watcher = watch.one(tenant(1), Uuid::from_u128(5));
    assert_eq!(watch.announcement().watching, Some(Uuid::from_u128(99)));
    assert!(timeout(SOON, watch.0.bell.notified()).await.is_ok(), "at once");
}

#[tokio::test]
async fn more_than_can_be_kept_or_told_becomes_everything() {
    let watch = watch();
    watch.hear_watching(Uuid::from_u128(98));
    (0..10_000).for_each(|id| watch.touch(touch(1, id)));
    assert_eq!(watch.announcement(), Announcement { everything: true, ..Announcement::default() });
    watch.touch(touch(1, 5));
    let _lost = watch.announcement();
    watch.0.outbox.give_up();
    assert!(watch.announcement().everything);
}
