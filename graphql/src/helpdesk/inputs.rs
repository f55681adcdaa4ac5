//! Inputs of the help desk.

use async_graphql::{ID, InputObject};
use svc_helpdesk::{
    ApproveRequestInput, DeclineRequestInput, IssueCodeInput, RequestAccessInput, SendLinkInput, UserStateInput,
};

use crate::directory::UserRef;

/// A code for a user who calls.
#[derive(InputObject)]
pub struct IssueTemporaryAccessCodeInput {
    /// Whom it lets in.
    pub user: UserRef,
    /// 600 to what the policy allows.
    #[graphql(default = 900)]
    pub valid_for_seconds: i32,
    /// Why, and how identity was checked: 1 to 500 characters, on record.
    pub reason: String,
    /// SUPPORT or above: the login it completes counts as verified, so that the user can replace a lost phone.
    #[graphql(default = false)]
    pub may_change_factors: bool,
}

impl From<IssueTemporaryAccessCodeInput> for IssueCodeInput {
    fn from(input: IssueTemporaryAccessCodeInput) -> Self {
        Self {
            user: input.user.into(),
            valid_for_seconds: input.valid_for_seconds.into(),
            reason: input.reason,
            may_change_factors: input.may_change_factors,
        }
    }
}

/// A code to be taken back.
#[derive(InputObject)]
pub struct RevokeTemporaryAccessCodeInput {
    /// The code's identifier.
    pub id: ID,
}

/// Asking the advisor to let one login through.
#[derive(InputObject)]
pub struct RequestTemporaryAccessInput {
    /// The login, still open.
    pub login_id: ID,
    /// For the advisor to read, at most 500 characters.
    pub note: Option<String>,
}

impl From<RequestTemporaryAccessInput> for RequestAccessInput {
    fn from(input: RequestTemporaryAccessInput) -> Self {
        Self { login_id: input.login_id.to_string(), note: input.note }
    }
}

/// Yes, with a code.
#[derive(InputObject)]
pub struct ApproveTemporaryAccessRequestInput {
    /// The request.
    pub id: ID,
    /// How the advisor made sure who is asking.
    pub reason: String,
    /// SUPPORT or above: the login counts as verified, so that the user can replace a lost phone.
    #[graphql(default = false)]
    pub may_change_factors: bool,
}

impl From<ApproveTemporaryAccessRequestInput> for ApproveRequestInput {
    fn from(input: ApproveTemporaryAccessRequestInput) -> Self {
        Self { id: input.id.to_string(), reason: input.reason, may_change_factors: input.may_change_factors }
    }
}

/// No.
#[derive(InputObject)]
pub struct DeclineTemporaryAccessRequestInput {
    /// The request.
    pub id: ID,
    /// Why.
    pub reason: String,
}

impl From<DeclineTemporaryAccessRequestInput> for DeclineRequestInput {
    fn from(input: DeclineTemporaryAccessRequestInput) -> Self {
        Self { id: input.id.to_string(), reason: input.reason }
    }
}

macro_rules! user_state_inputs {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(InputObject)]
        pub struct $name {
            /// Who.
            pub user: UserRef,
            /// Why: 1 to 500 characters, on record.
            pub reason: String,
        }

        impl From<$name> for UserStateInput {
            fn from(input: $name) -> Self {
                Self { user: input.user.into(), reason: input.reason }
            }
        }
    )*};
}

user_state_inputs! {
    /// A user to be locked until somebody unlocks.
    LockUserInput;
    /// A user whose lock is to end.
    UnlockUserInput;
    /// A user who is to begin anew.
    ResetUserInput;
}

/// A link that stands in for the password.
#[derive(InputObject)]
pub struct SendOneTimeLinkInput {
    /// An external party with an address on record.
    pub user: UserRef,
    /// Must match one of the tenant's registered return URLs.
    pub return_url: String,
    /// 60 to 604800.
    #[graphql(default = 86400)]
    pub valid_for_seconds: i32,
    /// Comes back with the user, to the letter; at most 512 characters.
    pub state: Option<String>,
    /// Whether the second factor is asked on our own pages, which then return to `returnUrl?result=…` as a prompt session does. Otherwise
    /// the browser goes on to `returnUrl?postern_login=…`, and yours ask.
    #[graphql(default = false)]
    pub hosted_prompt: bool,
}

impl From<SendOneTimeLinkInput> for SendLinkInput {
    fn from(input: SendOneTimeLinkInput) -> Self {
        Self {
            user: input.user.into(),
            return_url: input.return_url,
            valid_for_seconds: input.valid_for_seconds.into(),
            state: input.state,
            hosted_prompt: input.hosted_prompt,
        }
    }
}
