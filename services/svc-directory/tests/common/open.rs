//! What a user can have open when it is switched off.

use core_kernel::{TenantId, UserId};
use testkit::TestBed;

use super::run;

/// Everything a user can have open.
pub async fn open_things(bed: &TestBed, tenant: TenantId, user: UserId) {
    for sql in [
        "insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                            policy_version, ip_address, user_agent, max_attempts, created_at, expires_at)
         values ($1, this_month(), uuid_v7(), $2, 'SIGN_IN', 'PASSWORD', 'CHALLENGE', '{HIGH_LEVEL}', 'HIGH', 1,
                 '192.0.2.7', 'Firefox', 5, tenant_now($1), tenant_now($1) + interval '15 minutes')",
        "insert into factor (tenant_id, factor_id, user_id, kind, status, created_at)
         values ($1, uuid_v7(), $2, 'PHONE_PRIMARY', 'ACTIVE', tenant_now($1)),
                ($1, uuid_v7(), $2, 'TOTP', 'PENDING', tenant_now($1))",
        "insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, created_at)
         values ($1, uuid_v7(), $2, 'PHONE_RECOVERY', 'PENDING', true, tenant_now($1))",
        "insert into temporary_access_code (tenant_id, code_id, user_id, digest_key_id, digest, issued_by, reason,
                                            may_change_factors, created_at, expires_at)
         values ($1, uuid_v7(), $2, 1, '', 'a', 'r', false, tenant_now($1), tenant_now($1) + interval '1 hour')",
        "insert into temporary_access_request (tenant_id, request_id, login_id, user_id, status, created_at, expires_at)
         values ($1, uuid_v7(), uuid_v7(), $2, 'OPEN', tenant_now($1), tenant_now($1) + interval '1 hour')",
        "insert into one_time_link (tenant_id, link_id, user_id, digest, return_url, created_at, expires_at)
         values ($1, uuid_v7(), $2, $2::text::bytea, 'https://x.example', tenant_now($1), tenant_now($1) + interval '1 day')",
        "insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, destination_sealed,
                              template, created_at, claimable_at, status)
         values ($1, this_month(), uuid_v7(), $2, 'SMS', 'CODE', 0, 'x', 'code', tenant_now($1), now(), 'QUEUED'),
                ($1, this_month(), uuid_v7(), $2, 'SMS', 'SECURITY_NOTICE', 2, 'x', 'n', tenant_now($1), now(), 'QUEUED')",
    ] {
        run(bed, tenant, sql, user.0).await;
    }
}

/// Logins that can still be completed.
pub const OPEN_LOGINS: &str =
    "select count(*) from login where tenant_id = $1 and user_id = $2 and expires_at > tenant_now($1)";
/// Each is one for whom [`open_things`] was done, and none once it was ended.
pub const OPEN: [&str; 4] = [
    OPEN_LOGINS,
    "select count(*) from temporary_access_code where tenant_id = $1 and user_id = $2 and revoked_at is null",
    "select count(*) from temporary_access_request where tenant_id = $1 and user_id = $2 and expires_at > tenant_now($1)",
    "select count(*) from one_time_link where tenant_id = $1 and user_id = $2 and revoked_at is null",
];
/// The rows of factors.
pub const FACTORS: &str = "select count(*) from factor where tenant_id = $1 and user_id = $2";
/// Messages on their way.
pub const QUEUED: &str = "select count(*) from message where tenant_id = $1 and user_id = $2 and status = 'QUEUED'";
