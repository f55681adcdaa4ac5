//! What is read: sessions, administrators, and who is named by a SUPPORT key.

mod actor;
mod admins;
mod session;
