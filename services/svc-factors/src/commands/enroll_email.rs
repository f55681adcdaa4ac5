//! Enrolling a mailbox: by default the address on record.

use core_access::Permit;
use core_contact::EmailAddress;
use core_kernel::{Refusal, Stop};
use core_policy::{Channel, FactorKind};
use svc_directory::users::UserRef;

use crate::Factors;
use crate::commands::sending::NewContact;
use crate::commands::work::Work;
use crate::contacts::Contact;
use crate::model::Enrollment;
use crate::rules::channels::check_kind;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct EnrollEmail {
    /// Whose.
    pub user: UserRef,
    /// The address; `None`: the one on record.
    pub address: Option<String>,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Begins the enrollment of a mailbox and sends its code.
    ///
    /// # Errors
    /// NOT_FOUND, INVALID (also where no address is given and none on record), VERIFICATION_REQUIRED,
    /// NOT_ALLOWED_BY_POLICY, USER_LOCKED, EXPIRED, TOO_MANY_ATTEMPTS or SPENDING_CAP_REACHED.
    pub async fn enroll_email(&self, permit: &Permit, input: EnrollEmail) -> Result<Enrollment, Stop> {
        let work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        let address = match &input.address {
            Some(typed) => EmailAddress::parse(typed).map_err(|error| error.refusal("address"))?,
            None => address_on_record(&work)?,
        };
        let ground = work.authorize_kind(FactorKind::Email)?;
        check_kind(&work.allowed(), FactorKind::Email, None)?;
        let contact = Contact::Email(address);
        work.check_contact(ground, FactorKind::Email, &contact)?;
        let new = NewContact { kind: FactorKind::Email, line: None, contact, channel: Channel::Email };
        work.enroll(ground, new).await
    }
}

fn address_on_record(work: &Work<'_>) -> Result<EmailAddress, Stop> {
    let on_record = work.subject.user.email(&work.key)?;
    on_record.ok_or_else(|| Refusal::invalid("address", "No email address is on record. Give one.").into())
}
