//! The people who answer for a partner.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use core_access::{AdminRole, ApiScope, Operation, PartnerPermit};
use core_contact::EmailAddress;
use core_kernel::{AccountId, Clock as _, Entropy as _, PartnerId, RefusalCode, Stop, SystemClock, SystemEntropy};
use io_postgres::PartnerTx;
use svc_directory::{Directory, NewPartnerAdmin, PartnerAdmin};
use svc_policy::Policies;
use testkit::{TestBed, partner_caller};

fn reader(partner: PartnerId) -> PartnerPermit {
    partner_caller(partner, &[ApiScope::Read]).permit(Operation::ReadPartner).unwrap()
}

async fn add(directory: &Directory, partner: PartnerId, email: &str, role: AdminRole) -> Result<PartnerAdmin, Stop> {
    let account = AccountId(SystemEntropy.uuid_v7(SystemClock.now()));
    let new = NewPartnerAdmin { email: EmailAddress::parse(email).unwrap(), role, account };
    directory.add_partner_admin(partner, &new).await
}

async fn listed(directory: &Directory, partner: PartnerId) -> Vec<(String, AdminRole)> {
    let admins = directory.partner_admins(&reader(partner)).await.unwrap();
    admins.into_iter().map(|admin| (admin.email, admin.role)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_named_once_listed_with_their_partner_and_taken_off() {
    let bed = TestBed::new().await;
    let directory = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
    let partner = directory.create_partner("Firm").await.unwrap();
    let rival = directory.create_partner("Rival").await.unwrap();
    add(&directory, partner, "Olga@firm.example", AdminRole::Owner).await.unwrap();
    add(&directory, partner, "bill@firm.example", AdminRole::Billing).await.unwrap();
    let again = add(&directory, partner, "olga@FIRM.example", AdminRole::Auditor).await.unwrap_err();
    assert_eq!(again.refusal_code(), Some(RefusalCode::AlreadyExists));
    let nobody = PartnerId::new(&*bed.platform.entropy, bed.platform.now());
    let stop = add(&directory, nobody, "x@firm.example", AdminRole::Owner).await.unwrap_err();
    assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound));

    let both =
        [("Olga@firm.example".to_owned(), AdminRole::Owner), ("bill@firm.example".to_owned(), AdminRole::Billing)];
    assert_eq!(listed(&directory, partner).await, both);
    assert!(listed(&directory, rival).await.is_empty());

    assert!(!directory.remove_partner_admin(rival, "olga@firm.example").await.unwrap(), "not the rival's");
    assert!(directory.remove_partner_admin(partner, "OLGA@firm.example").await.unwrap());
    assert!(!directory.remove_partner_admin(partner, "olga@firm.example").await.unwrap(), "once");
    assert_eq!(listed(&directory, partner).await, both[1..]);
    add(&directory, partner, "olga@firm.example", AdminRole::Auditor).await.expect("and back again");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_named_before_there_were_accounts_is_named_again() {
    let bed = TestBed::new().await;
    let directory = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
    let partner = directory.create_partner("Firm").await.unwrap();
    let first = add(&directory, partner, "olga@firm.example", AdminRole::Auditor).await.unwrap();
    let mut tx = PartnerTx::begin(&bed.platform.database, partner).await.unwrap();
    sqlx::query("update partner_admin set account_id = null where partner_id = $1")
        .bind(partner.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let again = add(&directory, partner, "Olga@firm.example", AdminRole::Owner).await.unwrap();
    assert_eq!((again.admin_id, again.role), (first.admin_id, AdminRole::Owner));
    let once = add(&directory, partner, "Olga@firm.example", AdminRole::Owner).await.unwrap_err();
    assert_eq!(once.refusal_code(), Some(RefusalCode::AlreadyExists));
}
