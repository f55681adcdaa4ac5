//! Administrators: who was invited, how they sign in, and which role they have where.
//!
//! One person has one *account*, and may hold roles in several tenants and answer for partners. Accounts
//! live in the platform tenant, where each is a user like any other: the second factor of whoever runs
//! the console is proved by the very engine that protects everybody else, with its budgets, locks and
//! notices.
//!
//! Signing in takes two steps. What joins them is a token inside the identifiers of the methods that
//! the first step answers with; the cookie is made by the second, so there is none before it that
//! somebody could have planted.
//!
//! What concerns a tenant (its administrators, their audit log) and what concerns the person (the
//! account, its sessions) are different tenants' rows and never one transaction. Every command that
//! touches both writes the harmless half first: an account without a role may do nothing.

mod admins;
mod commands;
mod maintenance;
mod model;
mod passwords;
mod platform_tenant;
mod queries;
mod refusals;
mod rules;
mod store;
mod tokens;

pub use admins::Admins;
pub use commands::{
    AcceptInvitation, Accepted, AddAdmin, BegunPasskey, ChangePassword, EndSessions, InviteAdmin, MadePasskey,
    OwnFactors, OwnPasskey, ProviderChoice, ProviderProof, ProviderStep, SecondFactor, SecondFactorInput, SignInMethod,
    SignInStep, SignedIn,
};
pub use maintenance::Swept;
pub use model::{AdminView, Client, PartnerRole, Place, Role, Session, SessionView};
pub use platform_tenant::ensure_platform_tenant;
pub use queries::{Acting, Named};
