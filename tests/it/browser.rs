//! A headless Chromium does with the web chatbox what a person would; the steps are in
//! `tests/browser/chat.mjs`. Needs Chromium, Node and `npm ci` in `tests/browser` (`tests/run` sees to it).

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the server may take from its start until it says where it listens.
const START: Duration = Duration::from_secs(30);

/// The real binary on a free port, killed when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it with an empty data folder; `site` is an origin that may show the chatbox in a frame.
    fn start(data: &Path, site: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_thoai"))
            .arg("serve")
            .current_dir(root)
            .env("THOAI__SERVER__LISTEN", "127.0.0.1:0")
            .env("THOAI__STORE__URL", format!("sled:{}", data.display()))
            .env("THOAI__CHANNELS__WEB__ALLOWED_SITES__0", site)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let (said, url) = mpsc::channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        listen(BufReader::new(stdout), said.clone());
        listen(BufReader::new(stderr), said);
        let url = url.recv_timeout(START).expect("the server says `listening on http://...`");
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to be done about a server that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a stream to its end, so that the server never blocks on it, and passes on the address in it.
fn listen(stream: impl BufRead + Send + 'static, said: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        for line in stream.lines().map_while(Result::ok) {
            eprintln!("server: {line}");
            let address = line.split_once("listening on ").map(|(_, rest)| rest.split_whitespace().next());
            if let Some(Some(address)) = address {
                // Nobody waits for a second address.
                let _ = said.send(address.to_owned());
            }
        }
    });
}

#[test]
fn a_person_can_use_the_chatbox() {
    let browser = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    assert!(browser.join("node_modules").is_dir(), "run `npm ci` in tests/browser first, or tests/run");
    let data = tempfile::tempdir().unwrap();
    // The other site's port must be known before the server starts, because the server is told its origin.
    let site = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start(data.path(), &format!("http://{site}"));
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chat");
    let outcome = Command::new("node")
        .arg(browser.join("chat.mjs"))
        .args([&server.url, shots.to_str().unwrap(), &site.port().to_string()])
        .output()
        .expect("node runs");
    let report = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{report}\n{}", String::from_utf8_lossy(&outcome.stderr));
    println!("{report}");
}
