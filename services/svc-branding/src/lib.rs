//! Tenants' logos.
//!
//! A tenant names its logo by an address. No browser of its users ever asks there: whoever runs that
//! host would learn who signs in where and when, and could show them anything at any time. So the server
//! fetches it once, by the one way out that judges what it dials (io-outbound), and serves what it made
//! of it:
//!
//! * only PNG, JPEG and WebP are read. SVG is a program, and is refused;
//! * a picture's size is judged by its head, before anything is unpacked;
//! * what is kept are the pixels, shrunk and written anew as a PNG: nothing that was hidden between or
//!   behind them is passed on, and it is small enough for a poor phone;
//! * its address holds its digest, so that it is kept by browsers for ever and another logo is another
//!   address.
//!
//! Naming a logo queues the fetching with the change itself (svc-directory); [`LogoWorker`] does it. A
//! host that does not answer is asked again a few times. What became of it is kept with the tenant, for
//! whoever named the logo to read.

mod fetch;
mod logos;
mod picture;
mod store;
mod worker;

pub use logos::Logos;
pub use picture::{MAX_PICTURE_BYTES, MAX_SOURCE_BYTES};
pub use worker::{LogoOptions, LogoWorker};
