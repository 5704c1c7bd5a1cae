//! `{slot}`, `{slot|mask}`, `{slot.part}`, `{a or 'words'}`: total, typed, no loops.

/// A text with values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// In order.
    pub pieces: Vec<Piece>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// The first of these that is known; nothing when none is.
    Value {
        /// In order of preference.
        first_of: Vec<Source>,
        /// `|mask`: shown as `090***4567`.
        mask: bool,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// `'words'`
    Words(String),
    /// A slot.
    Slot(String),
    /// A part of an address slot: `province`, `ward`, `street`, or `guess`.
    Part(String, Part),
    /// `contact.name`
    ContactName,
    /// `contact.phone`
    ContactPhone,
    /// `input`: what the contact just wrote.
    Input,
    /// `last_question`
    LastQuestion,
    /// `link`: the signed link to the chatbox, on channels that hand one out.
    Link,
}

/// What can stand behind an address slot's dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The province's name.
    Province,
    /// The commune's name with its province.
    Ward,
    /// House number and street.
    Street,
    /// The best guess, on one line.
    Guess,
}

impl Template {
    /// The text with its values; `value` gives each source's text (masked where the flag is set), `None`
    /// when it is not known.
    pub fn render(&self, value: &dyn Fn(&Source, bool) -> Option<String>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Value { first_of, mask } => {
                    let known = first_of.iter().find_map(|source| match source {
                        Source::Words(words) => Some(words.clone()),
                        other => value(other, *mask),
                    });
                    text.push_str(&known.unwrap_or_default());
                }
            }
        }
        text
    }
}
