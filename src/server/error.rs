//! The one place where an error becomes a status.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::channel::RejectError;
use crate::store::StoreError;

/// What a client can be told.
#[derive(Debug)]
pub enum Error {
    /// Nothing proves who sent the request.
    Unauthorized,
    /// A platform's question whether this address is ours does not carry our secret.
    Forbidden,
    /// There is nothing here.
    NotFound,
    /// The body is larger than a mebibyte.
    TooLarge,
    /// The request did not arrive or could not be answered in time.
    Timeout,
    /// The request cannot be read or breaks a rule; the words say which.
    Invalid {
        /// Stable.
        code: &'static str,
        /// For a person.
        message: String,
    },
    /// The ticket, or the unit, is another's.
    NotYours,
    /// It cannot be done as things stand; the words say why.
    Refused {
        /// Stable.
        code: &'static str,
        /// For a person.
        message: String,
    },
    /// The same idempotency key came before with another request.
    Mismatch,
    /// Nothing can be stored now.
    Unavailable(StoreError),
}

/// Why a response is an error; logged once by the middleware.
#[derive(Clone)]
pub(super) struct Cause(pub(super) String);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, message) = match &self {
            Self::Unauthorized => {
                (StatusCode::UNAUTHORIZED, "unauthorized", "the request is not signed, or not with our secret")
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "the token is not ours"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "there is nothing here"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is larger than 1 MiB"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout", "the request took too long"),
            Self::Invalid { code, message } => (StatusCode::UNPROCESSABLE_ENTITY, *code, message.as_str()),
            Self::NotYours => (StatusCode::FORBIDDEN, "not_yours", "the token does not speak for the unit that has it"),
            Self::Refused { code, message } => (StatusCode::CONFLICT, *code, message.as_str()),
            Self::Mismatch => {
                (StatusCode::CONFLICT, "idempotency_mismatch", "this Idempotency-Key came before with another request")
            }
            Self::Unavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "nothing can be stored now, try again")
            }
        };
        let body = Json(serde_json::json!({"error": {"code": code, "message": message}}));
        let mut response = (status, body).into_response();
        if let Self::Unavailable(cause) = self {
            response.extensions_mut().insert(Cause(cause.to_string()));
        }
        response
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<RejectError> for Error {
    fn from(error: RejectError) -> Self {
        match error {
            RejectError::Unsigned => Self::Unauthorized,
            RejectError::Malformed => Self::Invalid { code: "malformed", message: error.to_string() },
        }
    }
}
