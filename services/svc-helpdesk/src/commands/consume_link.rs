//! Pressing the button of a link's page.

use std::net::IpAddr;

use core_kernel::{Fault, LoginId, OneTimeLinkId, Stop, TenantId, UserId};
use io_postgres::TenantTx;
use svc_directory::return_url_allowed;

use crate::begin_login::LinkLogin;
use crate::link_token::LinkToken;
use crate::return_url::redirect_to;
use crate::store::links::ConsumedLink;
use crate::{HelpDesk, refusal, store};

/// A link that was followed, and the login that it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedLink {
    /// The link's tenant.
    pub tenant: TenantId,
    /// The login that was begun.
    pub login: LoginId,
    /// The integrator's page.
    pub return_url: String,
    /// The integrator's own, given back to the letter.
    pub state: Option<String>,
    /// Whether our own pages are to ask for the second factor.
    pub hosted_prompt: bool,
}

impl FollowedLink {
    /// The integrator's page, told which login it is about.
    ///
    /// # Errors
    /// When the stored address cannot be parsed.
    pub fn address(&self) -> Result<String, Fault> {
        redirect_to(&self.return_url, self.login, self.state.as_deref()).map_err(Fault::internal)
    }
}

impl HelpDesk {
    /// Consumes a link and begins its login. Of any number of parallel
    /// calls exactly one gets it.
    ///
    /// The link is consumed first and for good, so that a crash costs a link and never gives two logins.
    /// Where the login cannot be begun, the link is made whole again.
    ///
    /// # Errors
    /// EXPIRED for a link that is unknown, expired, used or revoked, the same for all; whatever `begin`
    /// stops with.
    pub async fn consume_link<F>(
        &self,
        token: &str,
        ip: IpAddr,
        user_agent: Option<&str>,
        begin: impl FnOnce(LinkLogin) -> F,
    ) -> Result<FollowedLink, Stop>
    where
        F: Future<Output = Result<LoginId, Stop>>,
    {
        let token = LinkToken::parse(token).ok_or_else(refusal::link_over)?;
        let link = self.take_link(&token).await?;
        let login = LinkLogin {
            tenant: token.tenant(),
            user: UserId(link.user_id),
            ip,
            user_agent: user_agent.map(str::to_owned),
        };
        let begun = begin(login).await;
        self.settle(&token, &link, begun.as_ref().ok().copied()).await;
        Ok(FollowedLink {
            tenant: token.tenant(),
            login: begun?,
            return_url: link.return_url,
            state: link.state,
            hosted_prompt: link.hosted_prompt,
        })
    }

    async fn take_link(&self, token: &LinkToken) -> Result<ConsumedLink, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, token.tenant()).await?;
        let link = store::links::consume(&mut tx, token.digest()).await?.ok_or_else(refusal::link_over)?;
        // The address may have been taken off the list since the mail was sent.
        if !return_url_allowed(&store::links::return_urls(&mut tx).await?, &link.return_url) {
            return Err(refusal::link_over().into());
        }
        tx.commit().await?;
        Ok(link)
    }

    /// Keeps which login it was, or makes the link whole. A failure here is logged and not told: the
    /// login stands, or was never begun.
    async fn settle(&self, token: &LinkToken, link: &ConsumedLink, login: Option<LoginId>) {
        if let Err(error) = self.try_settle(token, OneTimeLinkId(link.link_id), login).await {
            tracing::warn!(error = %error, tenant = %token.tenant(), "could not settle a consumed link");
        }
    }

    async fn try_settle(&self, token: &LinkToken, link: OneTimeLinkId, login: Option<LoginId>) -> Result<(), Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, token.tenant()).await?;
        match login {
            Some(login) => store::links::set_login(&mut tx, link, login).await?,
            None => store::links::restore(&mut tx, link).await?,
        }
        Ok(tx.commit().await?)
    }
}
