//! The people who answer for a partner.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use core_access::{AdminRole, ApiScope, Operation, PartnerPermit};
use core_kernel::{PartnerId, RefusalCode};
use svc_directory::Directory;
use svc_policy::Policies;
use testkit::{TestBed, partner_caller};

fn reader(partner: PartnerId) -> PartnerPermit {
    partner_caller(partner, &[ApiScope::Read]).permit(Operation::ReadPartner).unwrap()
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
    directory.add_partner_admin(partner, "Olga@firm.example", AdminRole::Owner).await.unwrap();
    directory.add_partner_admin(partner, "bill@firm.example", AdminRole::Billing).await.unwrap();
    let again = directory.add_partner_admin(partner, "olga@FIRM.example", AdminRole::Auditor).await.unwrap_err();
    assert_eq!(again.refusal_code(), Some(RefusalCode::AlreadyExists));
    for bad in ["", "nobody", "a@b@c"] {
        let stop = directory.add_partner_admin(partner, bad, AdminRole::Owner).await.unwrap_err();
        assert_eq!(stop.refusal_code(), Some(RefusalCode::Invalid), "{bad}");
    }
    let nobody = PartnerId::new(&*bed.platform.entropy, bed.platform.now());
    let stop = directory.add_partner_admin(nobody, "x@firm.example", AdminRole::Owner).await.unwrap_err();
    assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound));

    let both =
        [("Olga@firm.example".to_owned(), AdminRole::Owner), ("bill@firm.example".to_owned(), AdminRole::Billing)];
    assert_eq!(listed(&directory, partner).await, both);
    assert!(listed(&directory, rival).await.is_empty());

    assert!(!directory.remove_partner_admin(rival, "olga@firm.example").await.unwrap(), "not the rival's");
    assert!(directory.remove_partner_admin(partner, "OLGA@firm.example").await.unwrap());
    assert!(!directory.remove_partner_admin(partner, "olga@firm.example").await.unwrap(), "once");
    assert_eq!(listed(&directory, partner).await, both[1..]);
    directory.add_partner_admin(partner, "olga@firm.example", AdminRole::Auditor).await.expect("and back again");
}
