//! `{slot}`, `{slot|mask}`, `{slot.part}`, `{a or 'words'}`: total, typed, no loops. `{{` is a brace.
//!
//! Reads and renders; whether a slot of that name exists is for [`super::compile`] to say.

use std::fmt;

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

/// What a template's text has wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateProblem {
    /// A `{` without its `}`.
    Unclosed,
    /// `{}`
    Empty,
    /// Something that is not a name, a quoted word, `or` or `|`.
    Unexpected,
    /// A quote inside braces that is not closed.
    UnclosedQuote,
    /// Neither `province`, `ward`, `street` nor `guess` after a slot's dot.
    UnknownPart,
    /// Neither `name` nor `phone` after `contact.`.
    UnknownContact,
    /// Something else than `mask` after `|`.
    UnknownFilter,
    /// More than [`MOST_ALTERNATIVES`] between `or`.
    TooMany,
}

/// Most alternatives in one pair of braces.
pub const MOST_ALTERNATIVES: usize = 8;

/// A value used by a template, with its place: what a check needs beside the template itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where the name starts, in characters from the beginning of the text.
    pub offset: usize,
    /// How many characters the name has.
    pub length: usize,
    /// What is used.
    pub source: Source,
    /// Whether it is masked.
    pub mask: bool,
}

/// Whether authors may call a slot or a step so: letters of any alphabet, digits, `_` and `-`, at most 64.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 64 && text.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '\u{300}'..='\u{36f}')
}

impl Template {
    /// Reads a text with braces.
    ///
    /// # Errors
    /// The first problem, with its place in characters from the beginning of the text.
    pub fn parse(text: &str) -> Result<Self, (usize, TemplateProblem)> {
        Self::parse_with_uses(text).map(|(template, _)| template)
    }

    /// Reads a text with braces, and says which values it uses and where.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn parse_with_uses(text: &str) -> Result<(Self, Vec<Use>), (usize, TemplateProblem)> {
        let chars: Vec<char> = text.chars().collect();
        let mut reader = Reader { chars: &chars, at: 0, uses: Vec::new() };
        let mut pieces = Vec::new();
        let mut words = String::new();
        while let Some(c) = reader.peek() {
            reader.at += 1;
            if c != '{' {
                words.push(c);
            } else if reader.accept('{') {
                words.push('{');
            } else {
                if !words.is_empty() {
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                }
                pieces.push(reader.value()?);
            }
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok((Self { pieces }, reader.uses))
    }

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

/// As its author wrote it.
impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => out.write_str(&words.replace('{', "{{"))?,
                Piece::Value { first_of, mask } => {
                    let sources = first_of.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
                    write!(out, "{{{sources}{}}}", if *mask { "|mask" } else { "" })?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) if words.contains('\'') => write!(out, "\"{words}\""),
            Self::Words(words) => write!(out, "'{words}'"),
            Self::Slot(name) => out.write_str(name),
            Self::Part(name, Part::Province) => write!(out, "{name}.province"),
            Self::Part(name, Part::Ward) => write!(out, "{name}.ward"),
            Self::Part(name, Part::Street) => write!(out, "{name}.street"),
            Self::Part(name, Part::Guess) => write!(out, "{name}.guess"),
            Self::ContactName => out.write_str("contact.name"),
            Self::ContactPhone => out.write_str("contact.phone"),
            Self::Input => out.write_str("input"),
            Self::LastQuestion => out.write_str("last_question"),
            Self::Link => out.write_str("link"),
        }
    }
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    uses: Vec<Use>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn accept(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(is_name_char) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// What follows an opening brace, its closing one included.
    fn value(&mut self) -> Result<Piece, (usize, TemplateProblem)> {
        let brace = self.at - 1;
        let first_use = self.uses.len();
        let mut first_of = Vec::new();
        let mut mask = false;
        loop {
            self.skip_spaces();
            if first_of.is_empty() && self.peek() == Some('}') {
                return Err((brace, TemplateProblem::Empty));
            }
            first_of.push(self.source(brace)?);
            if first_of.len() > MOST_ALTERNATIVES {
                return Err((brace, TemplateProblem::TooMany));
            }
            self.skip_spaces();
            if self.accept('|') {
                self.skip_spaces();
                let filter = self.at;
                if self.word() != "mask" {
                    return Err((filter, TemplateProblem::UnknownFilter));
                }
                mask = true;
                self.skip_spaces();
            }
            if self.accept('}') {
                break;
            }
            let joint = self.at;
            if mask || self.word() != "or" {
                return Err(self.unexpected(brace, joint));
            }
        }
        for used in &mut self.uses[first_use..] {
            used.mask = mask;
        }
        Ok(Piece::Value { first_of, mask })
    }

    /// A brace that nothing closes is the author's mistake wherever the reading stopped.
    fn unexpected(&self, brace: usize, at: usize) -> (usize, TemplateProblem) {
        let rest = &self.chars[at.min(self.chars.len())..];
        if rest.iter().take_while(|c| **c != '{').any(|c| *c == '}') {
            (at, TemplateProblem::Unexpected)
        } else {
            (brace, TemplateProblem::Unclosed)
        }
    }

    fn source(&mut self, brace: usize) -> Result<Source, (usize, TemplateProblem)> {
        let start = self.at;
        if let Some(quote @ ('\'' | '"')) = self.peek() {
            return self.quoted(quote);
        }
        let name = self.word();
        if name.is_empty() {
            return Err(self.unexpected(brace, start));
        }
        let source = if self.accept('.') {
            let dot = self.at;
            match (name.as_str(), self.word().as_str()) {
                ("contact", "name") => Source::ContactName,
                ("contact", "phone") => Source::ContactPhone,
                ("contact", _) => return Err((dot, TemplateProblem::UnknownContact)),
                (_, "province") => Source::Part(name, Part::Province),
                (_, "ward") => Source::Part(name, Part::Ward),
                (_, "street") => Source::Part(name, Part::Street),
                (_, "guess") => Source::Part(name, Part::Guess),
                _ => return Err((dot, TemplateProblem::UnknownPart)),
            }
        } else {
            match name.as_str() {
                "input" => Source::Input,
                "last_question" => Source::LastQuestion,
                "link" => Source::Link,
                "contact" => return Err((start, TemplateProblem::UnknownContact)),
                _ => Source::Slot(name),
            }
        };
        let used = Use { offset: start, length: self.at - start, source: source.clone(), mask: false };
        self.uses.push(used);
        Ok(source)
    }

    fn quoted(&mut self, quote: char) -> Result<Source, (usize, TemplateProblem)> {
        let start = self.at;
        self.at += 1;
        let mut words = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == quote {
                return Ok(Source::Words(words));
            }
            words.push(c);
        }
        Err((start, TemplateProblem::UnclosedQuote))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(text: &str) -> (usize, TemplateProblem) {
        Template::parse(text).unwrap_err()
    }

    fn rendered(text: &str) -> String {
        Template::parse(text).unwrap().render(&|source, mask| match source {
            Source::Slot(name) if name == "so_dt" => Some(if mask { "090***4567" } else { "0901 234 567" }.to_owned()),
            Source::Part(_, Part::Ward) => Some("Phường Sài Gòn".to_owned()),
            Source::ContactName => None,
            _ => None,
        })
    }

    #[test]
    fn values_stand_where_the_braces_stood() {
        assert_eq!(rendered("Chào {contact.name or 'anh/chị'}!"), "Chào anh/chị!");
        assert_eq!(rendered("Số {so_dt}, tức {so_dt|mask}."), "Số 0901 234 567, tức 090***4567.");
        assert_eq!(rendered("{ contact.name or dia_chi.ward or \"x\" }"), "Phường Sài Gòn");
        assert_eq!(rendered("{contact.name}"), "");
        assert_eq!(rendered("{{so_dt} và }"), "{so_dt} và }");
        assert_eq!(rendered("{{{so_dt}"), "{0901 234 567");
    }

    #[test]
    fn a_use_knows_its_place_and_whether_it_is_masked() {
        let (_, uses) = Template::parse_with_uses("Số {số or b|mask} {c}").unwrap();
        let seen: Vec<_> = uses.iter().map(|used| (used.offset, used.length, used.mask)).collect();
        assert_eq!(seen, [(4, 2, true), (10, 1, true), (19, 1, false)]);
    }

    #[test]
    fn a_mistake_is_placed() {
        assert_eq!(problem("Chào {so_dt"), (5, TemplateProblem::Unclosed));
        assert_eq!(problem("Chào { và {so_dt}"), (5, TemplateProblem::Unclosed));
        assert_eq!(problem("a {}"), (2, TemplateProblem::Empty));
        assert_eq!(problem("a {b c}"), (5, TemplateProblem::Unexpected));
        assert_eq!(problem("a {b + 1}"), (5, TemplateProblem::Unexpected));
        assert_eq!(problem("{a or 'b}"), (6, TemplateProblem::UnclosedQuote));
        assert_eq!(problem("{a.wrad}"), (3, TemplateProblem::UnknownPart));
        assert_eq!(problem("{contact.nmae}"), (9, TemplateProblem::UnknownContact));
        assert_eq!(problem("{a|maks}"), (3, TemplateProblem::UnknownFilter));
        assert_eq!(problem(&format!("{{a{}}}", " or a".repeat(20))), (0, TemplateProblem::TooMany));
    }

    #[test]
    fn a_template_is_written_as_its_author_wrote_it() {
        for text in
            ["{{x} {a or b.ward or 'c'|mask}", "{contact.name or \"'\"}, {input} {last_question} {link} {d.guess}"]
        {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_its_mistake_is_inside_it(text in "[{}|.' a-cđ\u{300}_or]{0,40}") {
            match Template::parse(&text) {
                Ok(template) => {
                    template.render(&|_, _| None);
                    prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
                }
                Err((offset, _)) => prop_assert!(offset <= text.chars().count()),
            }
        }

        #[test]
        fn words_without_braces_come_back_as_they_were(text in "[^{]{0,60}") {
            prop_assert_eq!(Template::parse(&text).unwrap().render(&|_, _| None), text);
        }

        #[test]
        fn doubled_braces_come_back_single(text in "\\PC{0,40}") {
            let doubled = text.replace('{', "{{");
            prop_assert_eq!(Template::parse(&doubled).unwrap().render(&|_, _| None), text);
        }
    }
}
