//! Reads a request's body: bounded in size and time, untouched.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, header};
use bytes::Bytes;

use super::Error;

/// Largest body taken, in bytes.
const LARGEST: usize = 1 << 20;
/// How long it may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The body's bytes, exactly as they came.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Error> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > LARGEST) {
        return Err(Error::TooLarge);
    }
    match tokio::time::timeout(TIMEOUT, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // Only the limit makes reading fail while the connection stands; without one nobody hears us.
        Ok(Err(_)) => Err(Error::TooLarge),
        Err(_) => Err(Error::Timeout),
    }
}
