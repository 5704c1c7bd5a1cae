//! The one HTTP client. Follows no redirects, waits no longer than it is told to, reads no more than 64 KiB,
//! and never names an address in an error: some carry secrets or numbers.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// How long platforms and partners may take.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const LARGEST: usize = 64 * 1024;

/// Sends what channels and partners need sent.
pub(super) struct Client {
    inner: reqwest::Client,
}

impl Client {
    pub(super) fn new() -> Self {
        // Another part of the process may have installed one already; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("thoai/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("the client's settings are fixed and valid");
        Self { inner }
    }

    /// Sends the request. The error is a short code: `address`, `connect`, `timeout`, `too_large`, `network`.
    pub(super) async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, &'static str> {
        self.send_within(request, TIMEOUT).await
    }

    /// The same, with another limit on how long the whole of it may take.
    pub(super) async fn send_within(
        &self,
        request: http::Request<Bytes>,
        limit: Duration,
    ) -> Result<http::Response<Bytes>, &'static str> {
        let mut request = reqwest::Request::try_from(request.map(reqwest::Body::from)).map_err(|_| "address")?;
        *request.timeout_mut() = Some(limit);
        let mut response = self.inner.execute(request).await.map_err(|error| code(&error))?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| code(&error))? {
            if body.len() + chunk.len() > LARGEST {
                return Err("too_large");
            }
            body.extend_from_slice(&chunk);
        }
        answer.body(body.freeze()).map_err(|_| "network")
    }
}

fn code(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else {
        "network"
    }
}
