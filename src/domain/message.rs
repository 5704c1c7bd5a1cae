//! Messages in and out, in our own words. `channel` translates to and from each platform's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contact::ContactKey;
use super::id::TicketId;
use super::time::Timestamp;

/// One thing that happened on a channel, addressed to one conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// Whose conversation it belongs to.
    pub key: ContactKey,
    /// What makes it unique within (conversation, kind of event): the platform's id, else a digest of
    /// the payload. Two inbounds of equal `key` and `id` are the same and are answered once.
    pub id: String,
    /// A second id under which the platform may repeat it, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alias: Option<String>,
    /// When it happened, by the platform's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// What can happen in a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The contact wrote.
    Text {
        /// As typed, NFC.
        text: String,
    },
    /// The contact tapped something we offered.
    Choice {
        /// What we put into it.
        payload: String,
        /// What the contact saw.
        title: String,
    },
    /// The contact opened the conversation, perhaps through a link that names a flow or carries a token.
    Open {
        /// The link's reference, if any.
        reference: Option<String>,
    },
    /// A picture, sticker, voice message, file: received, not understood.
    Media {
        /// `image`, `audio`, `video`, `file`, `sticker`, `link`, `other`.
        media: String,
        /// Where the platform keeps it, where it says so.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        url: Option<String>,
    },
    /// A place on the map.
    Location {
        /// Degrees, -90 to 90.
        latitude: f64,
        /// Degrees, -180 to 180.
        longitude: f64,
    },
    /// The contact shared their details through a form of the platform.
    Details {
        /// Name, if given.
        name: Option<String>,
        /// Phone number as given, not checked.
        phone: Option<String>,
        /// Address on one line, if given.
        address: Option<String>,
    },
    /// What became of a prompt that was pushed to the contact's phone.
    Prompt {
        /// The campaign, as a flow's `entry.prompts` names it.
        campaign: String,
        /// Its outcome.
        outcome: PromptOutcome,
        /// The gateway keeps a text session open, so the flow may go on right there.
        session_open: bool,
    },
    /// Something happened to a ticket of the contact's.
    Ticket {
        /// Which.
        ticket: TicketId,
    },
    /// The contact changed a message sent before. Recorded, not answered.
    Edit {
        /// The message's id.
        of: String,
        /// The new text.
        text: String,
    },
    /// The contact took a message back. Recorded, not answered.
    Unsend {
        /// The message's id.
        of: String,
    },
    /// A person of ours answered from the platform's own inbox: the bot falls silent.
    StaffSaid {
        /// What they wrote.
        text: String,
    },
    /// The platform repeats what we sent.
    Echo {
        /// The platform's id of our message.
        of: String,
        /// The outbox tag we had attached, if the platform returns it.
        tag: Option<String>,
    },
    /// Delivered, read, reacted to: status only.
    Receipt {
        /// `delivered`, `read`, `reaction`.
        status: String,
    },
    /// The platform gave the thread to the bot (`true`) or to somebody else (`false`).
    Control {
        /// Whether the bot has it now.
        bot: bool,
    },
    /// A moment the session was waiting for has come: a reminder, the end of a silence or of a pause.
    Due,
    /// A service that a flow called has answered, or will not.
    Called {
        /// The call, as the engine named it.
        call: String,
        /// What came of it.
        outcome: Called,
    },
    /// The contact stopped following or blocked us: nothing more is sent.
    Left,
    /// The contact asked the platform to have their data deleted.
    Withdraw,
}

/// What came of calling a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Called {
    /// It answered.
    Answered {
        /// The fields that were asked for and are words, numbers or yes/no, as text.
        fields: BTreeMap<String, String>,
    },
    /// It did not, or not with 2xx and JSON, however often it was tried.
    Failed {
        /// Why, for the operator: `timeout`, `status 503`. Holds no personal data.
        code: String,
    },
}

/// What became of a pushed prompt. Silence is neither yes nor no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum PromptOutcome {
    /// The contact answered.
    Answered {
        /// As received: `YES`, `1`, `dong y`.
        raw: String,
    },
    /// No answer in time.
    Timeout,
    /// The contact closed the prompt.
    Aborted,
    /// It reached the phone.
    Delivered,
    /// It did not reach the phone.
    Failed,
}

/// Something the contact can tap instead of typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What comes back when it is tapped; also accepted when typed.
    pub payload: String,
    /// What the contact sees.
    pub title: String,
}

/// One message to the contact, already within its channel's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// The text, NFC; empty only where there is a picture.
    pub text: String,
    /// What can be tapped under it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<Choice>,
    /// A picture, as an https address: then it is all there is, and the words follow in a message of their own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image: Option<String>,
    /// Our own mark, unique within the conversation; platforms that can, return it in their echo.
    pub tag: String,
}
