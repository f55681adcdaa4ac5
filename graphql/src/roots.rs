//! The roots, merged from the domains, and the dispatch of `node`.
//!
//! To add a domain: `mod domain;` in lib.rs, its query and mutation structs in [`Query`] and
//! [`Mutation`], its nodes as variants of [`Node`] with an arm in [`load_node`].

use async_graphql::{Context, EmptySubscription, ID, Interface, MergedObject, Object, Result, Schema, SchemaBuilder};
use core_kernel::{ApiKeyId, TypedId};

use crate::viewer::{ApiKey, ViewerQuery, load_api_key};

/// Reading. Lists are Relay connections.
#[derive(MergedObject, Default)]
pub struct Query(ViewerQuery, NodeQuery);

/// Changing. Every mutation takes one `input` and returns its own payload with `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(Heartbeat);

/// The schema's type.
pub(crate) type PosternSchema = Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema without services: enough to print it.
pub(crate) fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}

/// The schema in the schema language, as `graphql/schema.graphql` holds it.
#[must_use]
pub fn print_schema() -> String {
    let options = async_graphql::SDLExportOptions::new().prefer_single_line_descriptions().use_space_ident();
    format!("# Printed by `cargo run -q -p graphql --bin print-schema`; do not edit.\n\n{}", builder().finish().sdl_with_options(options))
}

/// Anything with a global identifier.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, unique and never reused."))]
pub enum Node {
    /// An integrator's credential.
    ApiKey(ApiKey),
}

#[derive(Default)]
struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this identifier, as far as the caller may see it; null for everything else.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        load_node(ctx, id.as_str()).await
    }
}

/// Dispatch by the identifier's prefix. A loader answers `None` for what is absent, foreign or not this caller's to see.
async fn load_node(ctx: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let Some((prefix, _)) = id.rsplit_once('_') else { return Ok(None) };
    Ok(match prefix {
        ApiKeyId::PREFIX => load_api_key(ctx, id).await?.map(Node::ApiKey),
        _ => None,
    })
}

#[derive(Default)]
struct Heartbeat;

#[Object]
impl Heartbeat {
    /// Changes nothing; for measuring what a request costs before any work is done.
    async fn ping(&self) -> bool {
        true
    }
}
