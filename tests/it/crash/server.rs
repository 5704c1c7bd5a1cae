//! The real binary as a process of its own: started, listened to, signalled, waited for.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

/// How long anything may take that we wait for. Far more than it takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(40);

pub(super) const PAGE: &str = "1234567890";
pub(super) const APP_SECRET: &str = "fb_app_secret";

/// Where a process ends: at which sync, counted from 1, and on which side of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) sync: usize,
    pub(super) when: &'static str,
}

/// A data folder and the environment that every process on it is given.
pub(super) struct House {
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl House {
    /// An empty data folder; messages go to the stand-in at `platform`.
    pub(super) fn new(platform: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = format!("sled:{}", folder.path().join("data").display());
        let env = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("STORE__URL", &store),
            ("CHANNELS__MESSENGER__VERIFY_TOKEN", "a word"),
            ("CHANNELS__MESSENGER__APP_SECRET", APP_SECRET),
            ("CHANNELS__MESSENGER__PAGES__0__ID", PAGE),
            ("CHANNELS__MESSENGER__PAGES__0__TOKEN", "a token"),
            ("CHANNELS__MESSENGER__GRAPH_URL", platform),
            ("CHANNELS__LIVEINFO__SECRET", "whsec_dGhvYWktdGVzdC1zZWNyZXQtMDAwMQ=="),
            ("CHANNELS__LIVEINFO__GATEWAY_URL", platform),
            ("SERVICES__KIEM_TRA__URL", &format!("{platform}/services/kiem-tra")),
        ];
        Self { folder, env: env.map(|(key, value)| (format!("THOAI__{key}"), value.to_owned())).into() }
    }

    /// With one more setting, such as `FLOWS__DIR`.
    pub(super) fn with(mut self, key: &str, value: &Path) -> Self {
        self.env.push((format!("THOAI__{key}"), value.display().to_string()));
        self
    }

    /// The data folder.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// How many syncs the servers under a fault have begun.
    pub(super) fn syncs(&self) -> usize {
        std::fs::read(self.folder.path().join("syncs")).map_or(0, |log| log.len())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thoai"));
        command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("THOAI_LOG", "info");
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        command
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// Starts the server and waits until it listens.
    pub(super) fn start(&self) -> Server {
        self.try_start(None).unwrap_or_else(|ended| panic!("the server does not start: {ended:?}"))
    }

    /// Starts the server under a fault, and waits until it listens or has ended.
    pub(super) fn start_with(&self, shim: &Path, fault: Fault) -> Result<Server, Ended> {
        self.try_start(Some((shim, fault)))
    }

    /// Starts the server, which is expected to refuse.
    pub(super) fn refused(&self) -> Ended {
        self.try_start(None).err().expect("the server refuses to start")
    }

    fn try_start(&self, fault: Option<(&Path, Fault)>) -> Result<Server, Ended> {
        let mut command = self.command(&["serve"]);
        if let Some((shim, Fault { sync, when })) = fault {
            command.env("LD_PRELOAD", shim).env("CRASH_AT_SYNC", sync.to_string()).env("CRASH_WHEN", when);
            command.env("SYNC_LOG", self.folder.path().join("syncs"));
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let said = Arc::new(Said { lines: Mutex::default(), changed: Condvar::new() });
        said.listen(child.stdout.take().expect("stdout is piped"));
        said.listen(child.stderr.take().expect("stderr is piped"));
        let mut server = Server { child, said, address: String::new() };
        match server.find("listening on http://") {
            Some(line) => {
                server.address = line.rsplit("http://").next().unwrap_or_default().to_owned();
                Ok(server)
            }
            None => Err(Ended { code: server.ended(), said: server.said.all() }),
        }
    }
}

/// A server that is no more: its exit code and everything it said.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) said: String,
}

/// A running server, killed when dropped.
pub(super) struct Server {
    child: Child,
    said: Arc<Said>,
    /// Host and port.
    pub(super) address: String,
}

impl Server {
    /// Waits until it has said a line with this in it. `None` when it ended without.
    pub(super) fn find(&self, part: &str) -> Option<String> {
        self.said.wait(&format!("a line with \"{part}\""), |lines| {
            let found = lines.all.iter().find(|line| line.contains(part)).cloned();
            if found.is_none() && !lines.is_closed() { None } else { Some(found) }
        })
    }

    /// Waits until it has said a line with this in it, which it must.
    pub(super) fn says(&self, part: &str) {
        assert!(self.find(part).is_some(), "it ended without saying \"{part}\":\n{}", self.said.all());
    }

    /// Whether the process has ended.
    pub(super) fn is_dead(&self) -> bool {
        self.said.lines().is_closed()
    }

    /// Waits for its end and returns the exit code; `None` when a signal ended it.
    pub(super) fn ended(&mut self) -> Option<i32> {
        self.said.wait("its end", |lines| lines.is_closed().then_some(()));
        self.child.wait().expect("our child can be waited for").code()
    }

    /// `kill -9`, and waits.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("our child can be killed");
        assert_eq!(self.ended(), None, "it was killed, so it has no exit code:\n{}", self.said.all());
    }

    /// Sends `TERM` or `HUP`.
    pub(super) fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell is installed").success(), "{kill}");
    }

    /// Stops it as an operator would, and returns the exit code.
    pub(super) fn stop(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.ended()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to be done about a server that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process has said so far, on both of its streams.
struct Said {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    all: Vec<String>,
    closed: u8,
}

impl Lines {
    /// Both streams are at their end.
    fn is_closed(&self) -> bool {
        self.closed == 2
    }
}

impl Said {
    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> String {
        self.lines().all.join("\n")
    }

    fn listen(self: &Arc<Self>, stream: impl Read + Send + 'static) {
        let said = Arc::clone(self);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                said.lines().all.push(line);
                said.changed.notify_all();
            }
            said.lines().closed += 1;
            said.changed.notify_all();
        });
    }

    fn wait<T>(&self, what: &str, found: impl Fn(&Lines) -> Option<T>) -> T {
        let mut result = None;
        let waits = |lines: &mut Lines| {
            result = found(lines);
            result.is_none()
        };
        drop(self.changed.wait_timeout_while(self.lines(), PATIENCE, waits));
        result.unwrap_or_else(|| panic!("waited too long for {what}:\n{}", self.all()))
    }
}
