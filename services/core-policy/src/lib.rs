//! A tenant's policy and what it decides, as pure functions: no clock, no input or output, no
//! randomness. Whoever rehearses a policy, replays a login or writes a test gets the same answer as
//! the login path, because all that an answer depends on is an argument.
//!
//! * [`Policy`] is the model as it is stored; [`PolicyDraft`] is what an administrator typed, and
//!   [`PolicyDraft::validate`] the only way from the one to the other.
//! * [`decide`] is the decision table, one function a row.
//! * [`usable_channels`], [`mandatory_for`], [`effective_level`] and their neighbours answer the
//!   smaller questions; the table asks the very same functions, so that what is offered and what is
//!   decided cannot drift apart.
//! * [`LockedFields`] says which fields of a template hold for the policies that follow it.

mod countries;
mod decide;
mod draft;
mod facts;
mod fields;
mod level;
mod methods;
mod model;
mod names;
mod networks;
mod parse;
mod publish;
mod rollout;
mod template;
mod weaker;

pub use countries::{COUNTRIES, is_country};
pub use decide::decide;
pub use draft::{AllowedNetworkDraft, AudienceDraft, CodeDraft, Given, PolicyDraft, PublishContext, RiskDraft};
pub use facts::{Decision, EnrollmentOffer, FactorFacts, Lock, LoginFacts, Risk, UserFacts};
pub use fields::{POLICY_FIELDS, PolicyField};
pub use level::{effective_level, may_choose_level};
pub use methods::{MethodSpec, enrollment_channels, login_methods, usable_channels};
pub use model::{AllowedNetwork, AudiencePolicy, CodePolicy, Policy, RiskPolicy};
pub use names::{
    Channel, Completion, DecisionReason, FactorKind, FactorStatus, FirstFactor, LoginOutcome, LoginPurpose,
    MethodChannel, PhoneLine, PhoneRole, SecurityLevel, UserKind,
};
pub use networks::NetworkError;
pub use parse::{parse_ip, parse_network, parse_timestamp};
pub use rollout::{enrollment_offer, enrollment_required_from, mandatory_for, may_opt_out, may_skip, skips_remaining};
pub use template::{Aligned, LockedFields, differing};
pub use weaker::{WEAKER_CHANNELS, channels_needing_acknowledgement};
