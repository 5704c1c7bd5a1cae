//! The only place that reads the clock and draws by chance. Everything below is handed both.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp::from_millis(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

/// A clock that counts from now on and never goes back: for measuring how long something takes.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn stopwatch() -> impl Fn() -> Duration {
    let start = std::time::Instant::now();
    move || start.elapsed()
}

/// Waits until that moment.
pub(super) async fn sleep_until(moment: Timestamp) {
    tokio::time::sleep(moment.since(now())).await;
}

/// `N` unpredictable bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Between half of `span` and `span`, so that those who wait together do not return together.
pub(super) fn jittered(span: Duration) -> Duration {
    span / 2 + span.mul_f64(f64::from(random::<1>()[0]) / 510.0)
}
