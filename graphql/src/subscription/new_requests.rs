//! `temporaryAccessRequested`: the open requests that were not told yet, whenever one was touched.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use async_graphql::{Context, Result};
use core_access::{Operation, Permit};
use core_kernel::{Fault, PageRequest, TemporaryAccessRequestId, TypedId as _};
use futures::stream::{StreamExt as _, unfold};
use io_postgres::Thing;
use svc_helpdesk::{HelpDesk, TemporaryAccessRequest as Request};
use svc_platform::Watcher;
use tokio::time::{sleep, timeout};

use super::Updates;
use crate::context::{permit, services};
use crate::helpdesk::TemporaryAccessRequest;

/// The shortest time between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Looks by oneself, for what became the caller's to answer, and for touches that got lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The longest list that is told; more are open only where nobody answers any.
const MOST_PAGES: usize = 10;
const PAGE: u32 = 100;

/// Open requests, as they become known.
///
/// # Errors
/// FORBIDDEN.
pub(super) fn updates(ctx: &Context<'_>) -> Result<Updates<TemporaryAccessRequest>> {
    let permit = permit(ctx, Operation::WatchTemporaryAccess)?;
    let services = services(ctx)?;
    let watcher = services.platform.watch.every(permit.tenant(), Thing::TemporaryAccess);
    let desk = Desk {
        watcher,
        permit,
        help_desk: services.help_desk.clone(),
        told: HashSet::new(),
        news: VecDeque::new(),
        is_first: true,
        is_over: false,
    };
    Ok(unfold(desk, Desk::next).boxed())
}

struct Desk {
    watcher: Watcher,
    permit: Permit,
    help_desk: HelpDesk,
    /// Of those that are open.
    told: HashSet<TemporaryAccessRequestId>,
    news: VecDeque<Request>,
    is_first: bool,
    is_over: bool,
}

impl Desk {
    async fn next(mut self) -> Option<(Result<TemporaryAccessRequest>, Self)> {
        while !self.is_over {
            if let Some(request) = self.news.pop_front() {
                return Some((Ok(request.into()), self));
            }
            if !std::mem::take(&mut self.is_first) {
                sleep(PAUSE).await;
                let _ = timeout(LOOK_EVERY, self.watcher.touched()).await;
            }
            match self.look().await {
                Ok(()) | Err(Fault::Unavailable) => {}
                Err(fault) => {
                    self.is_over = true;
                    return Some((Err(fault.into()), self));
                }
            }
        }
        None
    }

    async fn look(&mut self) -> Result<(), Fault> {
        let open = {
            let _turn = self.watcher.turn().await;
            self.open().await?
        };
        let known = std::mem::take(&mut self.told);
        self.told = open.iter().map(|request| request.request_id).collect();
        // The list is newest first.
        self.news = open.into_iter().rev().filter(|request| !known.contains(&request.request_id)).collect();
        Ok(())
    }

    async fn open(&self) -> Result<Vec<Request>, Fault> {
        let mut page = PageRequest { first: PAGE, after: None };
        let mut open = Vec::new();
        for _ in 0..MOST_PAGES {
            let found = self.help_desk.list_requests(&self.permit, Some(true), &page).await?;
            open.extend(found.rows.into_iter().map(|(_, request)| request));
            page.after = open.last().map(|request: &Request| request.request_id.to_text());
            if !found.has_next {
                break;
            }
        }
        Ok(open)
    }
}
