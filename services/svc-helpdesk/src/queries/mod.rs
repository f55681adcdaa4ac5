//! Reading: codes, requests, and the page of a link.

mod codes;
mod links;
mod requests;
