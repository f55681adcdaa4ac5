//! Enrolling a phone: PENDING until the code that goes to it is given back.

use core_access::Permit;
use core_contact::PhoneNumber;
use core_kernel::{Refusal, Stop};
use core_policy::{FactorKind, PhoneLine, PhoneRole};
use svc_directory::users::UserRef;

use crate::Factors;
use crate::commands::sending::NewContact;
use crate::contacts::Contact;
use crate::model::{Enrollment, PhoneChannel};
use crate::rules::channels::phone_channel;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct EnrollPhone {
    /// Whose.
    pub user: UserRef,
    /// The number, in international form.
    pub number: String,
    /// Which of the user's phones.
    pub role: PhoneRole,
    /// What kind of line.
    pub line: PhoneLine,
    /// How the code is to go out; a landline is always called.
    pub channel: Option<PhoneChannel>,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Begins the enrollment of a phone and sends its code.
    ///
    /// # Errors
    /// NOT_FOUND, INVALID, COUNTRY_NOT_SUPPORTED, VERIFICATION_REQUIRED, NOT_ALLOWED_BY_POLICY,
    /// USER_LOCKED, EXPIRED, TOO_MANY_ATTEMPTS or SPENDING_CAP_REACHED.
    pub async fn enroll_phone(&self, permit: &Permit, input: EnrollPhone) -> Result<Enrollment, Stop> {
        let work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        let number = PhoneNumber::parse(&input.number).map_err(|error| error.refusal("number"))?;
        if input.line == PhoneLine::Mobile && !number.can_receive_sms() {
            return Err(Refusal::invalid("line", "This number is a fixed line. Enroll it as LANDLINE.").into());
        }
        let kind = FactorKind::from(input.role);
        let ground = work.authorize_kind(kind)?;
        let channel = phone_channel(&work.allowed(), input.line, input.channel)?;
        let contact = Contact::Phone(number);
        work.check_contact(ground, kind, &contact)?;
        work.enroll(ground, NewContact { kind, line: Some(input.line), contact, channel }).await
    }
}
