//! One-time links: the help desk consumes them, the login path begins their logins, the gateway shows
//! their page, and hosted prompts ask for the second factor. None of them knows the others.

use std::net::IpAddr;

use core_access::{Caller, Operation};
use core_kernel::{Fault, LoginId, Redacted, Stop, TypedId};
use edge_http::{LinkDescription, LinkOpener, OpenedLink};
use futures::future::{BoxFuture, FutureExt as _};
use svc_helpdesk::{FollowedLink, HelpDesk, LinkLogin, LinkPage};
use svc_logins::Logins;
use svc_prompt::{CreatePromptInput, PromptPurpose, Prompts};

/// Links of the help desk, whose logins are begun by the login path.
pub(crate) struct Links {
    pub help_desk: HelpDesk,
    pub logins: Logins,
    pub prompts: Prompts,
}

impl LinkOpener for Links {
    fn describe_link(&self, token: Redacted<String>) -> BoxFuture<'_, Result<Option<LinkDescription>, Fault>> {
        async move {
            Ok(match self.help_desk.view_link(token.expose()).await? {
                LinkPage::Ready { tenant_name, language } => Some(LinkDescription { tenant_name, language }),
                LinkPage::Over => None,
            })
        }
        .boxed()
    }

    fn open_link(
        &self,
        token: Redacted<String>,
        ip: Option<IpAddr>,
        user_agent: Option<String>,
    ) -> BoxFuture<'_, Result<OpenedLink, Stop>> {
        async move {
            let ip = ip.ok_or_else(|| Fault::internal("a request without a peer"))?;
            let begin = |login| self.begin(login);
            let link = self.help_desk.consume_link(token.expose(), ip, user_agent.as_deref(), begin).await?;
            Ok(OpenedLink { go_to: self.go_to(&link).await? })
        }
        .boxed()
    }
}

impl Links {
    /// Whoever holds the link stands where the integrator's server would.
    async fn begin(&self, login: LinkLogin) -> Result<LoginId, Stop> {
        let permit = Caller::system(login.tenant).permit(Operation::EvaluateLogin)?;
        let begun = self.logins.begin_by_link(&permit, login.user, login.ip, login.user_agent).await?;
        Ok(begun.login_id)
    }

    /// The hosted prompt, where the link says so and there is something to ask; else the integrator's page,
    /// which reads what was decided.
    async fn go_to(&self, link: &FollowedLink) -> Result<String, Stop> {
        if !link.hosted_prompt {
            return Ok(link.address()?);
        }
        let permit = Caller::system(link.tenant).permit(Operation::CreatePromptSession)?;
        let input = CreatePromptInput {
            login: &link.login.to_text(),
            purpose: PromptPurpose::Login,
            return_url: &link.return_url,
            state: link.state.as_deref(),
        };
        match self.prompts.create(&permit, input).await {
            Err(Stop::Refused(_)) => Ok(link.address()?),
            created => created,
        }
    }
}
