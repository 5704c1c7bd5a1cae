//! The front door: takes connections, and no more of them, or for longer, than a server can afford.
//!
//! `axum::serve` would let a client take for ever over its headers, and would wait for such a one at the
//! stop. Knows sockets; must never know a route. `server` hands it the router.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How much is open at one time, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Connections open at one time, web sockets included; who comes then waits in the kernel's queue.
    pub(super) open: usize,
    /// How long a client may take over the headers of a request, and be silent between two.
    pub(super) headers: Duration,
    /// How long a stop waits for requests under way.
    pub(super) grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { open: 8192, headers: Duration::from_secs(10), grace: Duration::from_secs(20) }
    }
}

/// Largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;
/// Pause when the machine has no file descriptor left for one more connection.
const BREATH: Duration = Duration::from_millis(200);

/// A connection's place among those that may be open. Whoever takes the connection over, as a web socket
/// does, keeps the place by keeping this.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    _permit: Arc<OwnedSemaphorePermit>,
}

/// Serves connections until `shutdown` resolves, then lets requests under way finish.
pub(super) async fn serve(listener: TcpListener, router: Router, bounds: Bounds, shutdown: impl Future<Output = ()>) {
    let seats = Arc::new(Semaphore::new(bounds.open));
    let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
    let take = async {
        loop {
            let permit = Arc::clone(&seats).acquire_owned().await.expect("the semaphore is never closed");
            let stream = accept(&listener).await;
            let seat = Seat { _permit: Arc::new(permit) };
            connections.spawn(converse(stream, router.clone(), seat, bounds.headers, closing.clone()));
        }
    };
    tokio::select! {
        () = take => {}
        () = shutdown => {}
    }
    drop(listener);
    closing.cancel();
    connections.close();
    if tokio::time::timeout(bounds.grace, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "some connections did not finish in time and are cut");
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                let theirs =
                    matches!(error.kind(), std::io::ErrorKind::ConnectionAborted | std::io::ErrorKind::ConnectionReset);
                if !theirs {
                    tracing::warn!(%error, "no connection can be taken now");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

/// Answers the requests of one connection, one after the other.
async fn converse(stream: TcpStream, router: Router, seat: Seat, headers: Duration, closing: CancellationToken) {
    // Without it a small answer may wait for the client's acknowledgement; failing to set it harms nobody.
    let _ = stream.set_nodelay(true);
    let routes = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(seat.clone());
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    // A client that breaks off, or is too slow, is no error of ours: there is nobody left to tell.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(5);
    const BOUNDS: Bounds = Bounds { open: 2, headers: Duration::from_millis(200), grace: Duration::from_millis(500) };

    /// A server with one slow route: its address, what stops it, and the end of it.
    async fn server(bounds: Bounds) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            "done"
        };
        let router = Router::new().route("/slow", get(slow));
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        (address, stop, tokio::spawn(serve(listener, router, bounds, shutdown)))
    }

    /// Everything the server sends until it hangs up.
    async fn rest(mut stream: TcpStream) -> String {
        let mut text = String::new();
        timeout(SOON, stream.read_to_string(&mut text)).await.expect("the server hangs up").unwrap();
        text
    }

    #[tokio::test]
    async fn a_client_that_never_ends_its_headers_is_cut_off() {
        let (address, _stop, _server) = server(BOUNDS).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\nx-slow: ").await.unwrap();
        assert!(!rest(stream).await.contains("200 OK"));
    }

    #[tokio::test]
    async fn one_connection_too_many_waits_until_another_has_ended() {
        let (address, _stop, _server) = server(Bounds { open: 1, ..BOUNDS }).await;
        let idle = TcpStream::connect(address).await.unwrap();
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(rest(next).await.ends_with("done"), "the idle one gave its place up");
        assert_eq!(rest(idle).await, "");
    }

    #[tokio::test]
    async fn a_stop_lets_a_request_finish_and_does_not_wait_for_a_silent_client() {
        let (address, stop, server) = server(Bounds { headers: SOON, ..BOUNDS }).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET /sl").await.unwrap();
        let mut busy = TcpStream::connect(address).await.unwrap();
        busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        assert!(rest(busy).await.ends_with("done"));
        timeout(Duration::from_secs(2), server).await.expect("the stop is bounded").unwrap();
    }
}
