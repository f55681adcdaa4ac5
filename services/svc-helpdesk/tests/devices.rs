//! What the help desk does to a user ends the devices that the user trusted.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use common::Desk;
use core_access::{ApiScope, Operation};
use core_kernel::{DeviceId, SystemEntropy, TypedId, UserId};
use core_policy::UserKind;
use svc_directory::{UpsertUserInput, UserRef};
use svc_helpdesk::UserStateInput;

async fn trust_device(desk: &Desk, user: UserId) {
    let id = DeviceId::new(&SystemEntropy, desk.bed.platform.now());
    let mut tx = desk.tx().await;
    sqlx::query("select trust_device($1, $2, $3, $4, 'Mozilla/5.0', tenant_now($1), 86400)")
        .bind(desk.tenant.0)
        .bind(user.0)
        .bind(id.0)
        .bind(&id.0.as_bytes()[..])
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn devices(desk: &Desk, user: UserId) -> i64 {
    desk.count("select count(*) from trusted_device where tenant_id = $1 and user_id = $2", user).await
}

fn input(user: UserId) -> UserStateInput {
    UserStateInput { user: UserRef::Id(user.to_text()), reason: "lost the laptop".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_by_a_person_and_a_reset_end_them_and_unlocking_brings_none_back() {
    let desk = Desk::new().await;
    let (ann, bob, other) = (desk.user("ann").await, desk.user("bob").await, desk.user("other").await);
    for user in [ann, bob, other] {
        desk.factor(user, "PHONE_PRIMARY", "ACTIVE", false).await;
        trust_device(&desk, user).await;
    }
    desk.desk.lock_user(&desk.support(Operation::LockUser), input(ann)).await.unwrap();
    assert_eq!(devices(&desk, ann).await, 0);
    desk.desk.unlock_user(&desk.support(Operation::UnlockUser), input(ann)).await.unwrap();
    assert_eq!(devices(&desk, ann).await, 0);
    desk.desk.reset_user(&desk.support(Operation::ResetUser), input(bob)).await.unwrap();
    assert_eq!((devices(&desk, bob).await, devices(&desk, other).await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_by_upsert_ends_them() {
    let desk = Desk::new().await;
    let ann = desk.user("ann").await;
    trust_device(&desk, ann).await;
    let policies = svc_policy::Policies::new(desk.bed.platform.clone());
    let directory = svc_directory::Directory::new(desk.bed.platform.clone(), policies);
    let permit = desk.key(ApiScope::Users, Operation::UpsertUser);
    let disable = |disabled| UpsertUserInput {
        external_id: "ann".to_owned(),
        kind: UserKind::External,
        display_name: None,
        email: None,
        advisor_email: None,
        language: None,
        disabled: Some(disabled),
    };
    directory.upsert_user(&permit, disable(false)).await.unwrap();
    assert_eq!(devices(&desk, ann).await, 1);
    directory.upsert_user(&permit, disable(true)).await.unwrap();
    assert_eq!(devices(&desk, ann).await, 0);
}
