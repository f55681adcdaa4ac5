//! What the gateway holds: a request is prepared (parsed, weighed) before it costs anything, and
//! executed by whoever may.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value, Variables};
use core_kernel::{Clock, Fault};
use futures::stream::{BoxStream, StreamExt as _};
use svc_onboarding::FileUpload;

use crate::context::{Authority, RequestInfo, Services};
use crate::document::Documents;
use crate::errors::{self, Rejection, coded_error};
use crate::import::UploadSlot;
use crate::limits::{self, Lists, MAX_COMPLEXITY};
use crate::loaders::Loaders;
use crate::operations::{Measured, Operations};
use crate::roots::{PosternSchema, builder};
use crate::urgency::Urgency;

/// What an installation may choose.
#[derive(Debug, Clone, Copy)]
pub struct ApiOptions {
    /// Whether the schema can be asked for.
    pub introspection: bool,
    /// Whether an unknown field's error names fields that look like it.
    pub suggestions: bool,
    /// About how many bytes of parsed documents are kept.
    pub document_cache_bytes: u64,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self { introspection: true, suggestions: true, document_cache_bytes: 16 << 20 }
    }
}

/// The API of one process.
pub struct Api {
    schema: PosternSchema,
    documents: Documents,
    lists: Lists,
    operations: Operations,
    clock: Arc<dyn Clock>,
}

/// A request that was parsed and weighed.
pub struct Prepared {
    request: Request,
    measured: Arc<Measured>,
    /// What it costs, in the units of the complexity limit.
    pub complexity: u32,
    /// Whether it changes anything.
    pub is_mutation: bool,
    /// Whether it is for [`Api::subscribe`] and not for [`Api::execute`].
    pub is_subscription: bool,
    /// What is lost when it is told to come back.
    pub urgency: Urgency,
}

impl Prepared {
    /// The same with the file that was sent beside it.
    #[must_use]
    pub fn with_upload(mut self, file: FileUpload) -> Self {
        self.request = self.request.data(UploadSlot::new(file));
        self
    }
}

/// What a subscription tells, until it is complete. An error that is alone is the last.
pub type Told = BoxStream<'static, Result<Response, Rejection>>;

impl Api {
    /// The API over these services.
    #[must_use]
    pub fn new(services: Services, options: ApiOptions) -> Self {
        let (clock, meters) = (services.platform.clock.clone(), services.platform.meters.clone());
        let mut builder = builder().data(services);
        if !options.introspection {
            builder = builder.disable_introspection();
        }
        if !options.suggestions {
            builder = builder.disable_suggestions();
        }
        let schema = builder.finish();
        let sdl = schema.sdl();
        let (lists, operations) = (limits::lists_of(&sdl), Operations::of(&sdl, &meters));
        Self { schema, documents: Documents::new(options.document_cache_bytes), lists, operations, clock }
    }

    /// Parses and weighs a request.
    ///
    /// # Errors
    /// BAD_REQUEST or QUERY_TOO_COMPLEX; nothing ran.
    pub async fn prepare(
        &self,
        query: String,
        operation_name: Option<String>,
        variables: Variables,
    ) -> Result<Prepared, Rejection> {
        let document = self.documents.get(&query).await?;
        let (operation, kind) = document.operation(operation_name.as_deref()).ok_or_else(which_operation)?;
        let complexity = limits::complexity(&document.parsed, operation, &variables, &self.lists);
        if complexity > MAX_COMPLEXITY {
            let message = format!("The query is too complex: it costs {complexity}, and {MAX_COMPLEXITY} is the most.");
            return Err(rejected("QUERY_TOO_COMPLEX", message));
        }
        let mut request = Request::new(query).variables(variables);
        request.operation_name = operation_name;
        request.set_parsed_query(document.parsed.clone());
        let complexity = u32::try_from(complexity).unwrap_or(u32::MAX);
        let (is_mutation, is_subscription) = (kind == OperationType::Mutation, kind == OperationType::Subscription);
        let urgency = Urgency::of(&document.parsed, operation);
        let measured = self.operations.find(&document.parsed, operation).clone();
        Ok(Prepared { request, measured, complexity, is_mutation, is_subscription, urgency })
    }

    /// Runs a prepared request.
    ///
    /// # Errors
    /// BAD_REQUEST where the request is not valid against the schema: nothing ran.
    pub async fn execute(
        &self,
        prepared: Prepared,
        authority: Authority,
        info: RequestInfo,
    ) -> Result<Response, Rejection> {
        let Prepared { request, measured, .. } = prepared;
        let work = async {
            let mut response = self.schema.execute(request.data(authority).data(info).data(Loaders::default())).await;
            errors::finish(&mut response);
            if is_refusal(&response) { Err(Rejection(response.errors)) } else { Ok(response) }
        };
        measured.run(&*self.clock, work).await
    }

    /// Begins a prepared subscription. What is refused before anything is looked at is there at once.
    pub fn subscribe(&self, prepared: Prepared, authority: Authority, info: RequestInfo) -> Told {
        let request = prepared.request.data(authority).data(info).data(Loaders::default());
        let answers = self.schema.execute_stream(request);
        answers.enumerate().map(|(index, response)| one_answer(response, index == 0)).boxed()
    }
}

/// A subscription that ends with its first answer never began.
fn one_answer(mut response: Response, is_first: bool) -> Result<Response, Rejection> {
    errors::finish(&mut response);
    let never_began = is_first && response.data == Value::Null && !response.errors.is_empty();
    if never_began || is_refusal(&response) { Err(Rejection(response.errors)) } else { Ok(response) }
}

/// Whether nothing was executed: an error of execution names the field it arose in.
fn is_refusal(response: &Response) -> bool {
    !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

fn rejected(code: &str, message: impl Into<String>) -> Rejection {
    Rejection(vec![coded_error(code, message)])
}

fn which_operation() -> Rejection {
    rejected("BAD_REQUEST", "Name one of the document's operations in `operationName`.")
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Self(vec![errors::fault_error(&fault)])
    }
}

impl From<ServerError> for Rejection {
    fn from(error: ServerError) -> Self {
        Self(vec![error])
    }
}
