//! `/docs`: the documents of this very version, for whoever runs it or builds on it, from the binary.
//!
//! They are the Markdown of the repository, compiled in, and drawn when one of them is first asked for; the reference
//! of the schema is drawn from `graphql/schema.graphql`. Pages have neither scripts nor styles of their own, and ask
//! nobody else for anything. What they say is the same for everybody, and nothing of it is an installation's.
//!
//! To add a document: a row in [`table`]; a test says which one is missing. Links between documents are written as
//! for the repository, and lead to pages where there is one.

mod frame;
mod library;
mod links;
mod markdown;
mod routes;
mod schema;
mod table;

pub use routes::docs_router;
