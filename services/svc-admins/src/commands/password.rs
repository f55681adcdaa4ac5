//! The first step of signing in.
//!
//! An address without an account, a wrong password and a spent budget do the same work and hear the
//! same answer. A try is taken from the budget, and committed, before anything is compared.

use core_access::Operation;
use core_contact::EmailAddress;
use core_crypto::{BlindKind, SecretToken, blind_index, dummy_phc, verify_password};
use core_kernel::{ConsoleSessionId, Fault, LoginId, PLATFORM_TENANT, Redacted, Stop, TenantId, TypedId};
use core_policy::{FirstFactor, LoginOutcome, LoginPurpose, MethodChannel};
use io_postgres::TenantTx;
use serde_json::json;
use svc_directory::UserRef;
use svc_logins::{EvaluateInput, LoginView, MethodView};

use crate::admins::console;
use crate::model::{Account, Client, Role};
use crate::rules::{HALF_WAY, PASSWORD_TRIES, TRIES_WINDOW};
use crate::store::sessions::{NewSession, Stage};
use crate::store::tries::{self, Budget};
use crate::store::{accounts, sessions};
use crate::{Admins, refusals, tokens};

/// The password was right: the second factor is next.
#[derive(Debug, Clone)]
pub struct SignInStep {
    /// The ways to prove it, the preferred first.
    pub methods: Vec<SignInMethod>,
}

/// A way to prove the second factor.
#[derive(Debug, Clone)]
pub struct SignInMethod {
    /// For the second step; it proves the first one too, so it is a secret.
    pub id: Redacted<String>,
    /// By what.
    pub channel: MethodChannel,
    /// The masked phone; none for what is not sent.
    pub destination: Option<String>,
}

/// What the step was that lies behind.
#[derive(Debug, Clone, Copy)]
pub(super) enum FirstStep<'a> {
    /// The password.
    Password,
    /// A mailed link; with the second step this becomes the account's password.
    Recovery(&'a str),
    /// This tenant's identity provider.
    Provider(TenantId),
}

impl<'a> FirstStep<'a> {
    fn pending_phc(self) -> Option<&'a str> {
        if let Self::Recovery(phc) = self { Some(phc) } else { None }
    }

    fn only(self) -> Option<TenantId> {
        if let Self::Provider(tenant) = self { Some(tenant) } else { None }
    }
}

impl SignInStep {
    /// What the first step earned stands in each method's identifier.
    pub(super) fn new(half_way: &SecretToken, methods: Vec<MethodView>) -> Self {
        let methods = methods.into_iter().map(|method| SignInMethod {
            id: Redacted::new(tokens::join(half_way.expose(), &method.id.to_text())),
            channel: method.channel,
            destination: method.destination,
        });
        Self { methods: methods.collect() }
    }
}

impl Admins {
    /// Compares a password.
    ///
    /// # Errors
    /// UNAUTHENTICATED; where the password is right, FORBIDDEN with INVITATION_NOT_FINISHED where no factor was
    /// proved yet, and with IDENTITY_PROVIDER_REQUIRED where the person's tenants ask for their own provider;
    /// USER_LOCKED after too many wrong codes.
    pub async fn sign_in_by_password(
        &self,
        email: &str,
        password: &Redacted<String>,
        client: &Client,
    ) -> Result<SignInStep, Stop> {
        // What is no address is nobody's, and tells nothing.
        let email = EmailAddress::parse(email).map_err(|_| Fault::Unauthenticated)?;
        let ring = self.platform.keys.ring();
        let (_, index) = blind_index(&ring, PLATFORM_TENANT, BlindKind::Email, email.normalized());
        let (in_budget, account) = self.take_try(&index, &email).await?;
        let phc = account.as_ref().filter(|_| in_budget).and_then(|account| account.password_phc.clone());
        let is_right = self.compare(password, phc).await?;
        match account {
            Some(account) if is_right => self.first_step_done(account, &index, client).await,
            account => {
                if in_budget {
                    self.note_failure(account, &index, client).await?;
                }
                Err(Fault::Unauthenticated.into())
            }
        }
    }

    pub(super) async fn take_try(&self, index: &[u8], email: &EmailAddress) -> Result<(bool, Option<Account>), Fault> {
        let now = self.platform.now();
        let budget = Budget { email_index: index, now, counts_from: now - TRIES_WINDOW, tries: PASSWORD_TRIES };
        let mut tx = self.platform_tx().await?;
        let in_budget = tries::take(&mut tx, &budget).await?;
        let account = accounts::find_by_email(&mut tx, email).await?;
        tx.commit().await?;
        Ok((in_budget, account))
    }

    pub(super) async fn compare(&self, password: &Redacted<String>, phc: Option<String>) -> Result<bool, Fault> {
        let password = password.clone();
        self.hashing
            .run(move || verify_password(password.expose(), phc.as_deref().unwrap_or_else(|| dummy_phc())))
            .await
    }

    /// Writes the failure down; as much work where there is nobody whose it is.
    pub(super) async fn note_failure(
        &self,
        account: Option<Account>,
        index: &[u8],
        client: &Client,
    ) -> Result<(), Fault> {
        let mut tx = self.platform_tx().await?;
        match account {
            Some(account) => {
                let detail = json!({ "step": "password" });
                self.audit_in_platform(&mut tx, &account, "admin.sign_in_failed", detail.clone(), client).await?;
                self.audit_in_tenants_later(&account, "admin.sign_in_failed", detail, client);
            }
            None => tries::touch(&mut tx, index).await?,
        }
        Ok(tx.commit().await?)
    }

    async fn first_step_done(&self, account: Account, index: &[u8], client: &Client) -> Result<SignInStep, Stop> {
        self.may_use_password(&account).await?;
        let (login, methods) = self.ask_for_second_factor(&account, FirstFactor::Password, client).await?;
        let half_way = self.begin_half_way(&account, index, &login).await?;
        Ok(SignInStep::new(&half_way, methods))
    }

    /// Whether a password leads anywhere at all.
    async fn may_use_password(&self, account: &Account) -> Result<(), Fault> {
        let mut tx = self.platform_tx().await?;
        let roles = accounts::roles(&mut tx, account.id).await?;
        let partners = accounts::partners(&mut tx, account.id).await?;
        tx.commit().await?;
        let leads_somewhere = roles.is_empty() || roles.iter().any(Role::allows_password) || !partners.is_empty();
        if leads_somewhere { Ok(()) } else { Err(Fault::Forbidden { reason: Some("IDENTITY_PROVIDER_REQUIRED") }) }
    }

    /// Begins a login of the platform tenant, and says how it can be completed.
    pub(super) async fn ask_for_second_factor(
        &self,
        account: &Account,
        first_factor: FirstFactor,
        client: &Client,
    ) -> Result<(LoginView, Vec<MethodView>), Stop> {
        let login = self.evaluate(account, first_factor, client).await?;
        match login.outcome {
            LoginOutcome::Challenge => {}
            LoginOutcome::Enroll => return Err(Fault::Forbidden { reason: Some("INVITATION_NOT_FINISHED") }.into()),
            LoginOutcome::Deny => return Err(refusals::account_locked().into()),
            LoginOutcome::Allow => return Err(Fault::internal("the console's policy lets somebody in").into()),
        }
        let permit = console(client.ip, Operation::EvaluateLogin)?;
        let methods = self.logins.methods(&permit, &login).await?;
        if methods.is_empty() { Err(refusals::no_method().into()) } else { Ok((login, methods)) }
    }

    async fn begin_half_way(&self, account: &Account, index: &[u8], login: &LoginView) -> Result<SecretToken, Fault> {
        let mut tx = self.platform_tx().await?;
        tries::clear(&mut tx, index).await?;
        let half_way = self.insert_half_way(&mut tx, account, login.login_id, FirstStep::Password).await?;
        tx.commit().await?;
        Ok(half_way)
    }

    /// A sign-in with one step behind it.
    pub(super) async fn insert_half_way(
        &self,
        tx: &mut TenantTx,
        account: &Account,
        login: LoginId,
        step: FirstStep<'_>,
    ) -> Result<SecretToken, Fault> {
        let now = self.platform.now();
        let half_way = SecretToken::generate(tokens::HALF_WAY, &*self.platform.entropy);
        let row = NewSession {
            digest: &half_way.digest(),
            id: ConsoleSessionId::new(&*self.platform.entropy, now),
            account: account.id,
            login: Some(login),
            only: step.only(),
            stage: Stage::HalfWay { pending_phc: step.pending_phc() },
            now,
            expires_at: now + HALF_WAY,
        };
        sessions::insert(tx, &row).await?;
        Ok(half_way)
    }

    /// Asks Postern's own engine, as any integrator does after a password.
    pub(super) async fn evaluate(
        &self,
        account: &Account,
        first_factor: FirstFactor,
        client: &Client,
    ) -> Result<LoginView, Stop> {
        let permit = console(client.ip, Operation::EvaluateLogin)?;
        let input = EvaluateInput {
            user: UserRef::Id(account.user.to_text()),
            purpose: LoginPurpose::SignIn,
            first_factor,
            ip_address: client.ip.map_or_else(|| "0.0.0.0".to_owned(), |ip| ip.to_string()),
            user_agent: client.user_agent.clone(),
            device_token: None,
            idempotency_key: None,
        };
        self.logins.evaluate(&permit, &input).await
    }
}
