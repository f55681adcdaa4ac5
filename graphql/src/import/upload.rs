//! The scalar `Upload`. A request of the multipart form has a file beside it, which the gateway reads no
//! sooner than a resolver asks for it: who may is known before a byte of it is read. What stands in the
//! variable is a mark that only says *the file of this request*.

use std::sync::Mutex;

use async_graphql::{Context, InputValueResult, Scalar, ScalarType, Value};
use core_kernel::Refusal;
use svc_onboarding::FileUpload;

/// What the gateway puts into the variable that the request maps its file to.
pub const UPLOAD_VARIABLE: &str = "the file of this request";

/// The file of a request, until somebody takes it.
pub struct UploadSlot(Mutex<Option<FileUpload>>);

impl UploadSlot {
    /// With this file in it.
    #[must_use]
    pub fn new(file: FileUpload) -> Self {
        Self(Mutex::new(Some(file)))
    }

    fn take(&self) -> Option<FileUpload> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

/// A file, as in the GraphQL multipart request specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload(Value);

/// A file, as in the GraphQL multipart request specification.
#[Scalar]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

impl Upload {
    /// The file, which is taken by it: a request has one, and it is read once.
    ///
    /// # Errors
    /// INVALID at `file` where there is none.
    pub(super) fn take(&self, ctx: &Context<'_>) -> Result<FileUpload, Refusal> {
        let meant = self.0 == Value::from(UPLOAD_VARIABLE);
        let slot = ctx.data_opt::<UploadSlot>().filter(|_| meant);
        slot.and_then(UploadSlot::take).ok_or_else(|| {
            let message =
                "Send the file as the GraphQL multipart request specification says, mapped to this field alone.";
            Refusal::invalid("file", message)
        })
    }
}
