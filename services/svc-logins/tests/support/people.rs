//! Users, and what they can prove.

use core_contact::PhoneNumber;
use core_crypto::{BackupCode, BlindKind, TemporaryCode, TotpSecret, blind_index};
use core_kernel::{FactorId, SystemEntropy, UserId};
use core_policy::UserKind;
use svc_platform::place;

use super::Fixture;

impl Fixture {
    pub async fn phone_user(&self, external_id: &str) -> UserId {
        let user = self.bed.user(self.tenant, external_id, UserKind::External).await;
        self.add_phone(user, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
        user
    }

    pub async fn add_phone(&self, user: UserId, kind: &str, number: &str, line: &str) -> FactorId {
        let e164 = PhoneNumber::parse(number).unwrap().e164().to_owned();
        let (_, index) = blind_index(&self.bed.platform.keys.ring(), self.tenant, BlindKind::Phone, &e164);
        self.add_factor(user, kind, Some(line), e164.as_bytes(), Some(&index[..])).await
    }

    pub async fn add_totp(&self, user: UserId) -> TotpSecret {
        let secret = TotpSecret::generate(&SystemEntropy);
        self.add_factor(user, "TOTP", None, secret.as_bytes(), None).await;
        secret
    }

    pub async fn add_backup_codes(&self, user: UserId) -> Vec<BackupCode> {
        let factor = self.add_factor(user, "BACKUP_CODES", None, b"", None).await;
        let codes: Vec<BackupCode> = BackupCode::generate_set(&SystemEntropy).into_iter().take(2).collect();
        let mut tx = self.tx().await;
        for code in &codes {
            sqlx::query("insert into backup_code (tenant_id, factor_id, slot, hash) values ($1, $2, $3, $4)")
                .bind(self.tenant.0)
                .bind(factor.0)
                .bind(code.slot())
                .bind(code.hash(&SystemEntropy))
                .execute(tx.connection())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        codes
    }

    async fn add_factor(
        &self,
        user: UserId,
        kind: &str,
        line: Option<&str>,
        secret: &[u8],
        index: Option<&[u8]>,
    ) -> FactorId {
        let platform = &self.bed.platform;
        let id = FactorId::new(&SystemEntropy, platform.now());
        let key = platform.keys.data_key(&platform.database, self.tenant).await.unwrap();
        let sealed = key.seal(&place(self.tenant, "factor", id.0, "secret_sealed"), secret, &SystemEntropy);
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index, created_at)
             values ($1, $2, $3, $4, 'ACTIVE', $5, 'US', $6, $7, tenant_now($1))",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(user.0)
        .bind(kind)
        .bind(line)
        .bind(sealed)
        .bind(index)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn add_temporary_code(&self, user: UserId, may_change_factors: bool) -> String {
        let code = TemporaryCode::generate(&SystemEntropy);
        let (key, digest) = code.digest(&self.bed.platform.keys.ring(), self.tenant, user);
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into temporary_access_code (tenant_id, code_id, user_id, digest_key_id, digest, issued_by, reason,
                may_change_factors, created_at, expires_at)
             values ($1, uuid_v7(), $2, $3, $4, 'test', 'test', $5, tenant_now($1), tenant_now($1) + interval '15 minutes')",
        )
        .bind(self.tenant.0)
        .bind(user.0)
        .bind(key)
        .bind(&digest[..])
        .bind(may_change_factors)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        code.shown()
    }
}
