//! Creating and updating users. Two spellings of one identifier are one user, however many calls
//! bring them at the same time; what a call leaves out stays as it is.

use core_access::Permit;
use core_contact::EmailAddress;
use core_crypto::{BlindKind, DataKey, blind_index};
use core_kernel::{AdminId, Fault, Refusal, RefusalCode, Stop, TypedId, UserId, fold_identifier, trim_identifier};
use core_policy::UserKind;
use io_postgres::{DbError, TenantTx};

use crate::Directory;
use crate::checks::{Checks, read_language, read_name};
use crate::users::changes::{Address, Changes};
use crate::users::record::{UserRecord, email_place};
use crate::users::resolve::lock_by_external_id;
use crate::users::store::{SealedEmail, Writes};
use crate::users::{UserView, end_pending, expire_logins, store};

/// `UpsertUserInput`; what is `None` stays as it is.
#[derive(Debug, Clone)]
pub struct UpsertUserInput {
    /// `externalId`.
    pub external_id: String,
    /// `kind`.
    pub kind: UserKind,
    /// `displayName`.
    pub display_name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `advisorEmail`.
    pub advisor_email: Option<String>,
    /// `language`.
    pub language: Option<String>,
    /// `disabled`.
    pub disabled: Option<bool>,
}

/// What an upsert did.
#[derive(Debug, Clone)]
pub struct UpsertedUser {
    /// The user as it is now.
    pub user: UserView,
    /// Whether there was none before.
    pub created: bool,
}

struct Checked<'a> {
    external_id: &'a str,
    folded: String,
    kind: UserKind,
    display_name: Option<String>,
    email: Option<EmailAddress>,
    advisor: Option<EmailAddress>,
    language: Option<String>,
    disabled: Option<bool>,
}

impl Directory {
    /// Creates a user, or updates the one of this identifier in any spelling. Disabling ends at once
    /// what is open.
    ///
    /// # Errors
    /// NOT_FOUND at `advisorEmail`; INVALID for every fault; ALREADY_EXISTS at `email`.
    pub async fn upsert_user(&self, permit: &Permit, input: UpsertUserInput) -> Result<UpsertedUser, Stop> {
        let checked = check(&input)?;
        // Before the transaction: it may need a connection of its own.
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let advisor = find_advisor(&mut tx, &input, &checked).await?;
        let (user, created) = match self.insert(&mut tx, &checked, &key, advisor).await? {
            Some(user) => (user, true),
            None => (self.update(&mut tx, permit, &checked, &key, advisor).await?, false),
        };
        tx.commit().await?;
        let view = self.users_by_id(permit, &[user]).await?.pop();
        let user = view.ok_or_else(|| Fault::internal("the user just written is gone"))?;
        Ok(UpsertedUser { user, created })
    }

    /// The new user; `None` where one of this identifier exists.
    async fn insert(
        &self,
        tx: &mut TenantTx,
        checked: &Checked<'_>,
        key: &DataKey,
        advisor: Option<AdminId>,
    ) -> Result<Option<UserId>, Stop> {
        // Whoever disables a user ends the logins before the user's row is locked.
        if let Some(existing) = store::find_id(tx, &checked.folded).await? {
            if checked.disabled == Some(true) {
                let now = tx.tenant_now().await?;
                expire_logins(tx, existing, now).await?;
            }
            return Ok(None);
        }
        let user = UserId::new(&*self.platform.entropy, self.platform.now());
        let writes = self.writes(user, checked, key, advisor);
        let inserted = store::insert(tx, user, checked.external_id, &checked.folded, &writes).await;
        Ok(inserted.map_err(email_taken)?.then_some(user))
    }

    async fn update(
        &self,
        tx: &mut TenantTx,
        permit: &Permit,
        checked: &Checked<'_>,
        key: &DataKey,
        advisor: Option<AdminId>,
    ) -> Result<UserId, Stop> {
        // Erased in this very moment: a retry inserts.
        let before = lock_by_external_id(tx, &checked.folded).await?.ok_or(Fault::Unavailable)?;
        let user = before.user_id;
        let writes = self.writes(user, checked, key, advisor);
        store::update(tx, user, &writes).await.map_err(email_taken)?;
        if checked.disabled == Some(true) {
            let now = tx.tenant_now().await?;
            end_pending(tx, user, now).await?;
        }
        if let Some(changes) = changes(&before, checked, advisor).detail() {
            svc_audit::record(tx, permit.caller(), "user.updated", &user.to_text(), changes).await?;
        }
        Ok(user)
    }

    fn writes<'a>(
        &self,
        user: UserId,
        checked: &'a Checked<'_>,
        key: &DataKey,
        advisor: Option<AdminId>,
    ) -> Writes<'a> {
        let email = checked.email.as_ref().map(|email| self.sealed_email(key, user, email));
        Writes {
            kind: checked.kind,
            display_name: checked.display_name.as_deref(),
            email,
            language: checked.language.as_deref(),
            advisor,
            disabled: checked.disabled,
        }
    }
}

impl Directory {
    /// An address as it is stored for a user.
    pub(super) fn sealed_email(&self, key: &DataKey, user: UserId, email: &EmailAddress) -> SealedEmail {
        let (platform, tenant) = (&self.platform, key.tenant());
        let (_, index) = blind_index(&platform.keys.ring(), tenant, BlindKind::Email, email.normalized());
        let sealed = key.seal(&email_place(tenant, user), email.address().as_bytes(), &*platform.entropy);
        SealedEmail { sealed, index }
    }
}

fn check(input: &UpsertUserInput) -> Result<Checked<'_>, Stop> {
    let mut checks = Checks::default();
    let read_email = |text: &str| EmailAddress::parse(text).map_err(|error| error.to_string());
    let external_id = checks.take(
        "externalId",
        trim_identifier(&input.external_id).map_err(|error| format!("This identifier cannot be used: {error}.")),
    );
    let display_name = checks.take_opt("displayName", input.display_name.as_deref(), read_name);
    let email = checks.take_opt("email", input.email.as_deref(), read_email);
    let language = checks.take_opt("language", input.language.as_deref(), read_language);
    checks.done()?;
    let external_id = external_id.ok_or_else(|| Fault::internal("a fault without a refusal"))?;
    Ok(Checked {
        external_id,
        folded: fold_identifier(external_id),
        kind: input.kind,
        display_name,
        email,
        // What is no address is nobody's: it is answered below, as an unknown one.
        advisor: input.advisor_email.as_deref().and_then(|text| EmailAddress::parse(text).ok()),
        language,
        disabled: input.disabled,
    })
}

async fn find_advisor(
    tx: &mut TenantTx,
    input: &UpsertUserInput,
    checked: &Checked<'_>,
) -> Result<Option<AdminId>, Stop> {
    if input.advisor_email.is_none() {
        return Ok(None);
    }
    let found = match &checked.advisor {
        Some(email) => store::find_advisor(tx, email).await?,
        None => None,
    };
    found.map(Some).ok_or_else(|| {
        let message = "There is no administrator with this email who looks after users.";
        Refusal::new(RefusalCode::NotFound, message).at("advisorEmail").into()
    })
}

fn email_taken(error: DbError) -> Stop {
    match error.constraint() {
        Some("tenant_user_email") => {
            Refusal::new(RefusalCode::AlreadyExists, "Another user has this email address.").at("email").into()
        }
        _ => error.into(),
    }
}

fn changes(before: &UserRecord, checked: &Checked<'_>, advisor: Option<AdminId>) -> Changes {
    Changes {
        kind: Some(checked.kind).filter(|kind| *kind != before.kind),
        disabled: checked.disabled.filter(|disabled| *disabled != before.disabled),
        advisor: advisor.filter(|advisor| Some(*advisor) != before.advisor_id),
        address: checked.email.as_ref().map(|_| Address::Set),
        ..Changes::default()
    }
}
