//! The revisions of the flows: which one is in force, how sessions of older ones come over, publishing and
//! going back. The rule of who may move is `flow::migrate`'s; what is kept, the store's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::domain::conversation::Conversation;
use crate::domain::limits::LimitsTable;
use crate::flow::Flows;
use crate::flow::compile::{File, Names, compile};
use crate::flow::diagnostic::{self, Lang};
use crate::flow::migrate::{Fate, Migrated, Passage, Point};
use crate::store::{By, NewRevision, Published, Store, StoreError};

use super::{Runtime, Settings, clock, registry};

/// Path in the flows folder and text of each file.
pub type Files = Vec<(String, String)>;

/// Ways from older revisions that are kept at hand.
const PASSAGES: usize = 16;
/// Conversations looked at in one go.
const PAGE: usize = 200;

/// The flows in force, and the ways to them from older revisions.
pub(super) struct InForce {
    current: RwLock<Arc<Flows>>,
    /// `None` where a revision cannot be had any more.
    passages: Mutex<BTreeMap<u32, Option<Arc<Passage>>>>,
    /// Held by whoever changes what is in force: the store and `current` tell the same.
    changing: tokio::sync::Mutex<()>,
    /// Other flows are in force than before.
    pub(super) changed: Notify,
}

impl InForce {
    pub(super) fn new(flows: Flows) -> Self {
        Self {
            current: RwLock::new(Arc::new(flows)),
            passages: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn flows(&self) -> Arc<Flows> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, flows: Arc<Flows>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = flows;
        self.passages.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.changed.notify_one();
    }

    fn known(&self, from: u32, to: &Arc<Flows>) -> Option<Option<Arc<Passage>>> {
        let passages = self.passages.lock().unwrap_or_else(PoisonError::into_inner);
        let found = passages.get(&from)?.clone();
        found.as_ref().is_none_or(|passage| Arc::ptr_eq(passage.to(), to)).then_some(found)
    }

    fn keep(&self, from: u32, passage: Option<Arc<Passage>>) {
        let mut passages = self.passages.lock().unwrap_or_else(PoisonError::into_inner);
        passages.insert(from, passage);
        if passages.len() > PASSAGES {
            passages.pop_first();
        }
    }
}

/// What an edit does to those who are in a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Each place where somebody can wait.
    pub points: Vec<Planned>,
}

/// One place where somebody can wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The place and what becomes of whoever holds no more than is sure there.
    #[serde(flatten)]
    pub point: Point,
    /// Who is there now.
    pub live: Live,
}

/// Conversations at one place, by what becomes of them with what they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// They go on as if nothing had happened.
    pub moves: usize,
    /// They are asked again.
    pub asked_again: usize,
    /// They stay in their revision.
    pub stay: usize,
}

impl Plan {
    /// How many conversations stay in their revision.
    pub fn staying(&self) -> usize {
        self.points.iter().map(|planned| planned.live.stay).sum()
    }
}

/// One of the two flow sets of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// A published one.
    Revision(u32),
    /// Files of a folder.
    Files(Files),
}

/// What came of wanting to publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it does, or would do.
    pub plan: Plan,
    /// The number of the revision that is in force now; `None` when it was not published, because
    /// conversations would have had to stay in their revision and nobody had agreed to that.
    pub number: Option<u32>,
}

/// Why something about revisions could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The flows have problems; the report, in Vietnamese.
    #[error("{0}")]
    Problems(String),
    /// There is no such revision.
    #[error("không có bản {0}")]
    Unknown(u32),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What tells one set of files from another.
pub fn hash(files: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort();
    let mut hash = Sha256::new();
    for text in sorted.into_iter().flat_map(|(path, text)| [path, text]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files as flows of this revision.
///
/// # Errors
/// The report of everything that is wrong, in Vietnamese.
pub fn compiled(files: &[(String, String)], number: u32, names: Names<'_>) -> Result<Flows, RevisionError> {
    let files: Vec<File> = files.iter().map(|(path, text)| File { path: path.clone(), text: text.clone() }).collect();
    match compile(&files, names) {
        Ok(compiled) => Ok(Flows { revision: number, ..compiled.flows }),
        Err(mut problems) => {
            diagnostic::sort(&mut problems);
            let sources: Vec<(&str, &str)> =
                files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
            Err(RevisionError::Problems(diagnostic::render(&problems, &sources, Lang::Vi)))
        }
    }
}

/// The flows of a published revision.
///
/// # Errors
/// When there is none of this number, or this program refuses what an earlier one took.
pub async fn published(store: &dyn Store, number: u32, names: Names<'_>) -> Result<Flows, RevisionError> {
    let revision = store.revision(number).await?.ok_or(RevisionError::Unknown(number))?;
    compiled(&revision.files, number, names)
}

/// Publishes what lies in the flows folder, unless it is in force already or a command decided otherwise.
/// Returns the flows in force. The files have been checked.
///
/// # Errors
/// When the store fails or the revision in force cannot be read any more.
pub async fn adopt(store: &dyn Store, files: Files, names: Names<'_>) -> Result<Flows, RevisionError> {
    let hash = hash(&files);
    if let Some(current) = store.in_force().await?.filter(|current| current.hash != hash && current.by == By::Command) {
        let number = current.number;
        tracing::warn!(
            revision = number,
            "the flows folder holds something else than the revision in force, which a command chose: \
             `thoai publish` puts the folder in force"
        );
        return published(store, number, names).await;
    }
    let flows = compiled(&files, 0, names)?;
    let (at, note) = (clock::now(), String::new());
    let revision = store.publish(&NewRevision { hash, files, by: By::Folder, at, note }).await?;
    tracing::info!(revision, flows = flows.flows.len(), "the flows are in force");
    Ok(Flows { revision, ..flows })
}

impl Settings {
    /// What flows may name here.
    fn names<'a>(&'a self, limits: &'a LimitsTable) -> Names<'a> {
        Names { limits, queues: &self.queues, services: &self.service_names }
    }
}

impl Runtime {
    /// Puts what lies in the flows folder in force, unless a command decided otherwise.
    ///
    /// # Errors
    /// When the flows have problems or the store fails; then nothing changes.
    pub async fn adopt_folder(&self, files: Files) -> Result<(), RevisionError> {
        let _changing = self.in_force.changing.lock().await;
        let hash = hash(&files);
        let here = self.flows().revision;
        if self.store.in_force().await?.is_some_and(|current| current.hash == hash && current.number == here) {
            return Ok(());
        }
        let limits = registry::limits();
        let flows = adopt(self.store.as_ref(), files, self.settings.names(&limits)).await?;
        if flows.revision != here {
            self.in_force.replace(Arc::new(flows));
        }
        Ok(())
    }

    /// Publishes files and puts them in force. Where conversations would have to stay in their revision,
    /// only if `pin` says so.
    ///
    /// # Errors
    /// When the flows have problems or the store fails; then nothing changes.
    pub async fn publish(&self, files: Files, note: &str, pin: bool) -> Result<Outcome, RevisionError> {
        let _changing = self.in_force.changing.lock().await;
        let limits = registry::limits();
        let flows = compiled(&files, 0, self.settings.names(&limits))?;
        let plan = self.plan_to(Arc::new(flows.clone())).await?;
        if plan.staying() > 0 && !pin {
            return Ok(Outcome { plan, number: None });
        }
        let (hash, note, at) = (hash(&files), note.to_owned(), clock::now());
        let number = self.store.publish(&NewRevision { hash, files, by: By::Command, at, note }).await?;
        self.in_force.replace(Arc::new(Flows { revision: number, ..flows }));
        Ok(Outcome { plan, number: Some(number) })
    }

    /// Puts a revision in force that was published before.
    ///
    /// # Errors
    /// When there is none, this program refuses it, or the store fails; then nothing changes.
    pub async fn roll_back(&self, number: u32) -> Result<(), RevisionError> {
        let _changing = self.in_force.changing.lock().await;
        let flows = self.published(number).await?;
        if !self.store.put_in_force(number).await? {
            return Err(RevisionError::Unknown(number));
        }
        self.in_force.replace(Arc::new(flows));
        Ok(())
    }

    /// The last revisions, the newest first, and the number of the one in force.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revisions(&self, limit: usize) -> Result<(u32, Vec<Published>), StoreError> {
        Ok((self.flows().revision, self.store.revisions(limit).await?))
    }

    /// What going from one flow set to the other does. Those who are in the first one now are counted.
    ///
    /// # Errors
    /// When one of them has problems or the store fails.
    pub async fn plan(&self, old: &Side, new: &Side) -> Result<Plan, RevisionError> {
        let passage = Passage::between(Arc::new(self.side(old).await?), Arc::new(self.side(new).await?));
        let mut plan = unpeopled(&passage);
        self.count_live(&mut plan, &mut BTreeMap::from([(passage.from().revision, Some(Arc::new(passage)))])).await?;
        Ok(plan)
    }

    pub(super) async fn side(&self, side: &Side) -> Result<Flows, RevisionError> {
        let limits = registry::limits();
        match side {
            Side::Revision(number) => self.published(*number).await,
            Side::Files(files) => {
                // A folder that is in force is where people are.
                let current = self.store.in_force().await?.filter(|current| current.hash == hash(files));
                compiled(files, current.map_or(0, |current| current.number), self.settings.names(&limits))
            }
        }
    }

    pub(super) async fn published(&self, number: u32) -> Result<Flows, RevisionError> {
        let limits = registry::limits();
        published(self.store.as_ref(), number, self.settings.names(&limits)).await
    }

    /// What putting these flows in force does to everybody, whichever revision they are in.
    async fn plan_to(&self, new: Arc<Flows>) -> Result<Plan, RevisionError> {
        let current = self.flows();
        let passage = Arc::new(Passage::between(Arc::clone(&current), new));
        let mut plan = unpeopled(&passage);
        let mut passages = BTreeMap::from([(current.revision, Some(Arc::clone(&passage)))]);
        for published in self.store.revisions(PASSAGES).await? {
            if published.number != current.revision {
                let old = self.published(published.number).await.ok().map(Arc::new);
                let passage = old.map(|old| Arc::new(Passage::between(old, Arc::clone(passage.to()))));
                passages.insert(published.number, passage);
            }
        }
        self.count_live(&mut plan, &mut passages).await?;
        Ok(plan)
    }

    /// Counts those who are in one of these revisions.
    async fn count_live(
        &self,
        plan: &mut Plan,
        passages: &mut BTreeMap<u32, Option<Arc<Passage>>>,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.store.sessions(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.key.conversation());
            for session in page.into_iter().filter_map(|conversation| conversation.session) {
                let Some(Some(passage)) = passages.get(&session.revision) else { continue };
                let (flow, step) = (session.flow.clone(), session.step.clone());
                let (migrated, fate) = fated(passage, session);
                let found = plan.points.iter_mut().find(|p| p.point.flow == flow && p.point.step == step);
                let planned = match found {
                    Some(planned) => planned,
                    None => {
                        plan.points.push(Planned { point: Point { flow, step, fate }, live: Live::default() });
                        plan.points.last_mut().expect("it was just put there")
                    }
                };
                match migrated {
                    Migrated::Moved(_) => planned.live.moves += 1,
                    Migrated::Again(_) => planned.live.asked_again += 1,
                    Migrated::Pinned(..) => planned.live.stay += 1,
                }
            }
        }
    }

    /// The way from the conversation's revision to the one in force; `None` where there is none to go, or
    /// the older revision cannot be had any more.
    pub(super) async fn passage(
        &self,
        conversation: &Conversation,
        current: &Arc<Flows>,
    ) -> Result<Option<Arc<Passage>>, StoreError> {
        let Some(session) = conversation.session.as_ref().filter(|s| s.revision != current.revision) else {
            return Ok(None);
        };
        let from = session.revision;
        if let Some(known) = self.in_force.known(from, current) {
            return Ok(known);
        }
        let passage = match self.published(from).await {
            Ok(old) => Some(Arc::new(Passage::between(Arc::new(old), Arc::clone(current)))),
            Err(RevisionError::Store(error)) => return Err(error),
            Err(error @ (RevisionError::Problems(_) | RevisionError::Unknown(_))) => {
                tracing::warn!(revision = from, %error, "a revision with people in it cannot be read any more");
                None
            }
        };
        self.in_force.keep(from, passage.clone());
        Ok(passage)
    }
}

/// The plan with nobody in it.
fn unpeopled(passage: &Passage) -> Plan {
    let points = passage.points().into_iter();
    Plan { points: points.map(|point| Planned { point, live: Live::default() }).collect() }
}

/// A session after the passage, and that as a fate.
fn fated(passage: &Passage, session: crate::domain::session::Session) -> (Migrated, Fate) {
    let migrated = passage.take(session);
    let fate = match &migrated {
        Migrated::Moved(session) => Fate::Moves { to: session.step.clone() },
        Migrated::Again(session) => Fate::AsksAgain { to: session.step.clone(), slots: Vec::new() },
        Migrated::Pinned(_, reason) => Fate::Stays { reason: reason.clone() },
    };
    (migrated, fate)
}
