//! Tests on a tenant with an owner, and as who people act there.

#![allow(dead_code, unused_imports, missing_docs, clippy::unwrap_used, reason = "each test file uses a part of it")]

use core_access::{Actor, AdminRole, ApiScope, Caller};
use core_kernel::{AccountId, AdminId, Fault, PLATFORM_TENANT, Redacted, SystemClock, SystemEntropy, TenantId};
use svc_admins::{Acting, Admins, Named};

pub use testkit::{ADMIN_PASSWORD as PASSWORD, AdminsBed as World, Person, app_of as seed};

/// As who a request with this session acts in a tenant.
pub async fn caller(admins: &Admins, session: &Redacted<String>, tenant: Option<&str>) -> Result<Caller, Fault> {
    in_tenant(admins.acting_by_session(session, Named { tenant, partner: None }, None).await)
}

/// The same for a connection that stays open.
pub async fn open_caller(admins: &Admins, session: &Redacted<String>) -> Result<Caller, Fault> {
    in_tenant(admins.acting_by_open_session(session, Named::default(), None).await)
}

fn in_tenant(acting: Result<Acting, Fault>) -> Result<Caller, Fault> {
    match acting? {
        Acting::InTenant(caller) => Ok(caller),
        Acting::ForPartner(caller) => panic!("{caller:?} is in no tenant"),
    }
}

pub fn support_key(tenant: TenantId) -> Caller {
    testkit::caller(tenant, &[ApiScope::Support, ApiScope::Policy])
}

pub fn somebody() -> Actor {
    let id = core_kernel::Entropy::uuid_v7(&SystemEntropy, core_kernel::Clock::now(&SystemClock));
    Actor { id: AdminId(id), account: AccountId(id), email: "x@firm.example".to_owned(), role: AdminRole::Owner }
}

pub const PLATFORM: TenantId = PLATFORM_TENANT;
