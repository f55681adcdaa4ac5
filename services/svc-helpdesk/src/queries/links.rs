//! The page of a link.

use core_kernel::Fault;
use io_postgres::TenantTx;

use crate::link_token::LinkToken;
use crate::model::LinkPage;
use crate::{HelpDesk, store};

impl HelpDesk {
    /// What the page behind a link shows. Nothing is consumed: mail scanners open links.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn view_link(&self, token: &str) -> Result<LinkPage, Fault> {
        let Some(token) = LinkToken::parse(token) else { return Ok(LinkPage::Over) };
        let mut tx = TenantTx::begin(&self.platform.database, token.tenant()).await?;
        let found = store::links::find_page(&mut tx, token.digest()).await?;
        Ok(found
            .map_or(LinkPage::Over, |page| LinkPage::Ready { tenant_name: page.tenant_name, language: page.language }))
    }
}
