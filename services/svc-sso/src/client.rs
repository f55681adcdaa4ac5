//! What is asked of an issuer by us ourselves: its configuration, its keys, a token for a code.

use std::sync::Arc;

use core_kernel::TenantId;
use core_oidc::{
    Expected, IdToken, Identity, IssuerKeys, KeysFault, Metadata, MetadataFault, TokenAnswer, TokenFault, TokenRequest,
    UserInfo, configuration_url,
};
use io_outbound::{Failure, Target, Unfit};

use crate::SingleSignOn;
use crate::known::Issuer;

const JSON: &str = "application/json";

/// Why an issuer is of no use at the moment, or at all; each a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Away {
    Unfit(Unfit),
    Failure(Failure),
    Status(u16),
    Metadata(MetadataFault),
    Keys(KeysFault),
}

impl std::fmt::Display for Away {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unfit(unfit) => unfit.fmt(f),
            Self::Failure(failure) => failure.fmt(f),
            Self::Status(status) => write!(f, "The provider answered with {status}."),
            Self::Metadata(fault) => fault.fmt(f),
            Self::Keys(fault) => fault.fmt(f),
        }
    }
}

/// Why a code led to nobody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unproved {
    Away(Away),
    /// The provider does not take the code.
    Code(u16),
    /// It gave no ID token for it.
    NoToken,
    Token(TokenFault),
}

impl std::fmt::Display for Unproved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(away) => write!(f, "the provider could not be asked: {away}"),
            Self::Code(status) => {
                write!(f, "the provider did not take the code or our secret; it answered with {status}")
            }
            Self::NoToken => write!(f, "the provider gave no ID token for the code"),
            Self::Token(fault) => fault.fmt(f),
        }
    }
}

impl From<Away> for Unproved {
    fn from(away: Away) -> Self {
        Self::Away(away)
    }
}

impl SingleSignOn {
    /// The issuer as it is known, or as it answers now.
    pub(crate) async fn issuer(&self, tenant: TenantId, issuer: &str) -> Result<Arc<Issuer>, Away> {
        match self.known.get(tenant, issuer, self.platform.now()) {
            Some(known) => Ok(known),
            None => self.ask_issuer(tenant, issuer).await,
        }
    }

    /// The issuer as it answers now.
    pub(crate) async fn ask_issuer(&self, tenant: TenantId, issuer: &str) -> Result<Arc<Issuer>, Away> {
        let published = self.fetch(&configuration_url(issuer)).await?;
        let metadata = Metadata::read(&published, issuer).map_err(Away::Metadata)?;
        // Whoever may write it may write any address into it.
        self.target(metadata.authorization_endpoint.as_str())?;
        self.target(&metadata.token_endpoint)?;
        let keys = IssuerKeys::read(&self.fetch(&metadata.jwks_uri).await?).map_err(Away::Keys)?;
        Ok(self.known.put(tenant, Issuer { metadata, keys, asked_at: self.platform.now() }))
    }

    /// Whom a code leads to.
    pub(crate) async fn redeem(
        &self,
        tenant: TenantId,
        issuer: Arc<Issuer>,
        request: TokenRequest<'_>,
    ) -> Result<Identity, Unproved> {
        let answer = self.token(&issuer.metadata, request).await?;
        let token = IdToken::read(&answer.id_token).map_err(Unproved::Token)?;
        let issuer = self.knowing(tenant, issuer, &token).await?;
        let expected = Expected {
            issuer: &issuer.metadata.issuer,
            client_id: &request.client.id,
            nonce: &request.browser.nonce(),
            now: self.platform.now(),
        };
        let identity = token.verify(&issuer.keys, &expected).map_err(Unproved::Token)?;
        Ok(self.completed(&issuer.metadata, identity, &answer).await)
    }

    /// The issuer with the key of this token, if it has one: keys are replaced now and then.
    async fn knowing(&self, tenant: TenantId, issuer: Arc<Issuer>, token: &IdToken<'_>) -> Result<Arc<Issuer>, Away> {
        if token.is_known_to(&issuer.keys) || !issuer.may_be_asked_again(self.platform.now()) {
            return Ok(issuer);
        }
        self.ask_issuer(tenant, &issuer.metadata.issuer).await
    }

    async fn token(&self, metadata: &Metadata, request: TokenRequest<'_>) -> Result<TokenAnswer, Unproved> {
        let target = self.target(&metadata.token_endpoint)?;
        let (authorization, form) = (request.authorization(metadata), request.form(metadata));
        let answer = self.outbound.post_form(&target, authorization.as_ref(), &form).await.map_err(Away::Failure)?;
        match answer.status.as_u16() {
            200 => TokenAnswer::read(&answer.body).ok_or(Unproved::NoToken),
            status @ 500.. => Err(Away::Status(status).into()),
            status => Err(Unproved::Code(status)),
        }
    }

    /// Providers that say little in the token say more at another address. What they do not say is not
    /// there: that is found out where it is asked for.
    async fn completed(&self, metadata: &Metadata, identity: Identity, answer: &TokenAnswer) -> Identity {
        let (Some(endpoint), Some(token), None) = (&metadata.userinfo_endpoint, &answer.access_token, &identity.email)
        else {
            return identity;
        };
        let Ok(target) = self.target(endpoint) else { return identity };
        let authorization = format!("Bearer {}", token.expose()).into();
        match self.outbound.get_as(&target, JSON, Some(&authorization)).await {
            Ok(answer) if answer.status == 200 => match UserInfo::read(&answer.body) {
                Some(more) => identity.completed_by(more),
                None => identity,
            },
            _ => identity,
        }
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, Away> {
        let answer = self.outbound.get(&self.target(url)?, JSON).await.map_err(Away::Failure)?;
        if answer.status == 200 { Ok(answer.body) } else { Err(Away::Status(answer.status.as_u16())) }
    }

    fn target(&self, url: &str) -> Result<Target, Away> {
        Target::parse(url, self.outbound.rules()).map_err(Away::Unfit)
    }
}
