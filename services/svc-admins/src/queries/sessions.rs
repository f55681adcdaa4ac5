//! One's own sessions.

use core_kernel::{Redacted, Stop};

use crate::rules::IDLE;
use crate::store::sessions;
use crate::{Admins, Place, SessionView, refusals};

impl Admins {
    /// The sessions of whoever asks that are not over, the last used first.
    ///
    /// # Errors
    /// UNAUTHENTICATED; NOT_ALLOWED_BY_POLICY for a session that an identity provider opened; when the database
    /// fails.
    pub async fn sessions(&self, token: &Redacted<String>) -> Result<Vec<SessionView>, Stop> {
        let session = self.session(token).await?;
        if session.only.is_some() {
            return Err(refusals::own_sign_in_wanted().into());
        }
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        let rows = sessions::list(&mut tx, session.account, now, now - IDLE).await?;
        tx.commit().await?;
        let view = |row: sessions::ListedRow| SessionView {
            is_current: row.session_id == session.id.0,
            place: row.ip_address().and_then(|ip| self.place_of(ip)),
            ..row.into_view()
        };
        Ok(rows.into_iter().map(view).collect())
    }

    fn place_of(&self, ip: std::net::IpAddr) -> Option<Place> {
        let located = self.logins.located(ip);
        let country = located.country?;
        Some(Place { country, city: located.city })
    }
}
