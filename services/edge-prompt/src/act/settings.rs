//! Changes of a user who is in.

use core_access::Operation;
use core_kernel::{Redacted, Stop};
use core_policy::SecurityLevel;
use minijinja::context;
use svc_factors::{ChooseSecurityLevel, ForgetDevices, GenerateBackupCodes, RemoveFactor};

use crate::Desk;
use crate::form::Form;
use crate::outcome::{Next, Outcome, told};
use crate::show::Asked;
use crate::visit::Visit;

fn done<T>(result: Result<T, Stop>, name: &str) -> Result<Outcome, Stop> {
    match result {
        Ok(_) => Ok(Next::start().telling(name).into()),
        Err(stop) => Ok(told(stop, Next::start())?),
    }
}

pub(crate) async fn remove(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let input = RemoveFactor { factor_id: form.text("factor").to_owned(), login_id: Some(visit.login()) };
    done(desk.factors.remove_factor(&visit.permit(Operation::RemoveFactor)?, input).await, "REMOVED")
}

/// New backup codes, shown once, in the answer to this very act.
pub(crate) async fn backup_codes(desk: &Desk, visit: &Visit) -> Result<Outcome, Stop> {
    let input = GenerateBackupCodes { user: visit.user(), login_id: Some(visit.login()) };
    match desk.factors.generate_backup_codes(&visit.permit(Operation::GenerateBackupCodes)?, input).await {
        Ok(codes) => {
            let codes: Vec<String> = codes.into_iter().map(Redacted::into_exposed).collect();
            Ok(Outcome::Shown(desk.draw(visit, &Asked::new(), "backup.html", context! { codes })?))
        }
        Err(stop) => Ok(told(stop, Next::start())?),
    }
}

pub(crate) async fn level(desk: &Desk, visit: &Visit, form: &Form) -> Result<Outcome, Stop> {
    let Some(level) = SecurityLevel::parse(form.text("level")) else { return Ok(Next::start().into()) };
    let input = ChooseSecurityLevel { user: visit.user(), level, login_id: Some(visit.login()) };
    let permit = visit.permit(Operation::ChooseSecurityLevel)?;
    done(desk.factors.choose_security_level(&permit, input).await, "SAVED")
}

pub(crate) async fn forget_devices(desk: &Desk, visit: &Visit) -> Result<Outcome, Stop> {
    let input = ForgetDevices { user: visit.user(), device_ids: None };
    done(desk.factors.forget_devices(&visit.permit(Operation::ForgetDevices)?, input).await, "SAVED")
}
