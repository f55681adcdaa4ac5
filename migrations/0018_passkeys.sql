-- Passkeys (WebAuthn): a factor that may be had several times, each with a name and the relying party that it
-- is good for. `secret_sealed` holds what was asked while it is PENDING, then the public key; `blind_index` finds
-- the credential's identifier; `last_step` is the signature counter, above which the next one must be.
alter table factor
    add column name text check (length(name) between 1 and 100),
    add column rp_id text check (length(rp_id) between 1 and 253);
alter table factor add constraint factor_passkey_alone check (kind = 'PASSKEY' or name is null and rp_id is null);

-- One authenticator, one user.
create unique index factor_passkey on factor (tenant_id, blind_index)
    where kind = 'PASSKEY' and status in ('ACTIVE', 'DISABLED');

-- What an authenticator was asked, sealed; taken away by the first answer that is compared with it.
alter table challenge add column state_sealed bytea;
