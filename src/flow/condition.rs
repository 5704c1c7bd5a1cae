//! `slot is value`, `slot is known`, `slot is missing`, `slot < 5` (also `<=`, `>`, `>=`), `channel is web`,
//! joined by `and`, `or`, `not` and brackets. `not` binds tightest, then `and`, then `or`.
//!
//! Reads and answers; whether a slot or a channel of that name exists is for [`super::compile`] to say.

use std::fmt;

use crate::domain::id::ChannelName;

/// A question about what is known. Total: it always has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The slot's value is this: an option's key, `yes`, `no`, or the text itself.
    Is(String, String),
    /// The slot's number stands so to this one; never when the slot is missing.
    Compare(String, Order, i64),
    /// The slot is filled.
    Known(String),
    /// The conversation is on this channel.
    Channel(ChannelName),
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// One holds.
    Or(Box<Condition>, Box<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

/// How two numbers can stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Order {
    /// Every order and its sign.
    pub const ALL: [(&'static str, Self); 4] =
        [("<", Self::Less), ("<=", Self::AtMost), (">", Self::More), (">=", Self::AtLeast)];

    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

/// What a condition's text has wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionProblem {
    /// Nothing in it, or it stops where something must follow.
    Incomplete,
    /// A word or sign that cannot stand there.
    Unexpected,
    /// Neither `is` nor a comparison after a name.
    NoIs,
    /// A bracket without its partner.
    Unclosed,
    /// Something else than a whole number after `<`, `<=`, `>` or `>=`.
    NoNumber,
    /// More than [`MOST_WORDS`] words or deeper than [`MOST_DEPTH`].
    TooLong,
}

/// Most words and brackets in one condition.
pub const MOST_WORDS: usize = 200;
/// Deepest nesting of brackets and `not`.
pub const MOST_DEPTH: usize = 16;

/// Something named by a condition, with its place: what a check needs beside the condition itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where the slot's name, or the word `channel`, starts; in characters from the text's beginning.
    pub offset: usize,
    /// Of what.
    pub subject: Subject,
    /// The value it is compared with and where that starts; `None` after `is known` and `is missing`.
    pub value: Option<(usize, String)>,
    /// Whether it is compared by `<`, `<=`, `>` or `>=`, which only numbers can be.
    pub ordered: bool,
}

/// What a condition can speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A slot.
    Slot(String),
    /// The channel.
    Channel,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The first problem, with its place in characters from the beginning of the text.
    pub fn parse(text: &str) -> Result<Self, (usize, ConditionProblem)> {
        Self::parse_with_mentions(text).map(|(condition, _)| condition)
    }

    /// Reads a condition, and says what it names and where.
    ///
    /// # Errors
    /// As [`Condition::parse`].
    pub fn parse_with_mentions(text: &str) -> Result<(Self, Vec<Mention>), (usize, ConditionProblem)> {
        let mut reader = Reader { words: words(text)?, at: 0, end: text.chars().count(), mentions: Vec::new() };
        let condition = reader.either(0)?;
        match reader.words.get(reader.at) {
            None => Ok((condition, reader.mentions)),
            Some(Word { offset, sign: Some(')'), .. }) => Err((*offset, ConditionProblem::Unclosed)),
            Some(extra) => Err((extra.offset, ConditionProblem::Unexpected)),
        }
    }

    /// The answer; `slot` gives a slot's value as written in conditions, `None` when it is missing.
    pub fn holds(&self, channel: &ChannelName, slot: &dyn Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::Is(name, value) => slot(name).as_deref() == Some(value),
            Self::Compare(name, order, number) => {
                slot(name).and_then(|value| value.parse().ok()).is_some_and(|value| order.holds(value, *number))
            }
            Self::Known(name) => slot(name).is_some(),
            Self::Channel(name) => name == channel,
            Self::And(left, right) => left.holds(channel, slot) && right.holds(channel, slot),
            Self::Or(left, right) => left.holds(channel, slot) || right.holds(channel, slot),
            Self::Not(inner) => !inner.holds(channel, slot),
        }
    }
}

/// As an author would write it, with no more brackets than it takes to read it back the same.
impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(name, value) => write!(out, "{name} is {}", Quoted(value)),
            Self::Compare(name, order, number) => {
                let sign = Order::ALL.iter().find(|(_, known)| known == order).map_or("", |(sign, _)| sign);
                write!(out, "{name} {sign} {number}")
            }
            Self::Known(name) => write!(out, "{name} is known"),
            Self::Channel(name) => write!(out, "channel is {}", Quoted(name.as_str())),
            Self::And(left, right) => write!(out, "{} and {}", Inside(left, 1), Inside(right, 2)),
            Self::Or(left, right) => write!(out, "{left} or {}", Inside(right, 1)),
            Self::Not(inner) => match inner.as_ref() {
                Self::Known(name) => write!(out, "{name} is missing"),
                _ => write!(out, "not {}", Inside(inner, 2)),
            },
        }
    }
}

/// A condition that stands in one that binds so tightly: 0 `or`, 1 `and`, 2 whatever reads one thing.
struct Inside<'a>(&'a Condition, u8);

impl fmt::Display for Inside<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(condition, outside) = self;
        let own = match condition {
            Condition::Or(..) => 0,
            Condition::And(..) => 1,
            _ => 2,
        };
        if own < *outside { write!(out, "({condition})") } else { write!(out, "{condition}") }
    }
}

/// A value, in quotes where it would be read as something else without them.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value) = self;
        let special = |c: char| c.is_whitespace() || "()<>'\"".contains(c);
        let bare = !value.is_empty() && !value.contains(special) && !is_reserved(value);
        match value.contains('\'') {
            false if bare && !matches!(*value, "known" | "missing") => out.write_str(value),
            false => write!(out, "'{value}'"),
            true => write!(out, "\"{value}\""),
        }
    }
}

/// A word, a quoted text, a bracket or a comparison.
struct Word {
    offset: usize,
    text: String,
    /// A bracket, `<` or `>`, or a quote when the text was quoted; `None` for a bare word.
    sign: Option<char>,
}

fn words(text: &str) -> Result<Vec<Word>, (usize, ConditionProblem)> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (offset, c) = (at, chars[at]);
        at += 1;
        match c {
            _ if c.is_whitespace() => continue,
            '(' | ')' => words.push(Word { offset, text: c.to_string(), sign: Some(c) }),
            '<' | '>' => {
                at += usize::from(chars.get(at) == Some(&'='));
                words.push(Word { offset, text: chars[offset..at].iter().collect(), sign: Some(c) });
            }
            '\'' | '"' => {
                let Some(length) = chars[at..].iter().position(|other| *other == c) else {
                    return Err((offset, ConditionProblem::Unclosed));
                };
                words.push(Word { offset, text: chars[at..at + length].iter().collect(), sign: Some(c) });
                at += length + 1;
            }
            _ => {
                while chars.get(at).is_some_and(|c| !c.is_whitespace() && !"()<>'\"".contains(*c)) {
                    at += 1;
                }
                words.push(Word { offset, text: chars[offset..at].iter().collect(), sign: None });
            }
        }
        if words.len() > MOST_WORDS {
            return Err((offset, ConditionProblem::TooLong));
        }
    }
    Ok(words)
}

struct Reader {
    words: Vec<Word>,
    at: usize,
    end: usize,
    mentions: Vec<Mention>,
}

type Read<T> = Result<T, (usize, ConditionProblem)>;

impl Reader {
    fn next(&mut self) -> Read<&Word> {
        let word = self.words.get(self.at).ok_or((self.end, ConditionProblem::Incomplete))?;
        self.at += 1;
        Ok(word)
    }

    /// Steps over this bare word if it is next.
    fn accept(&mut self, wanted: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|word| word.sign.is_none() && word.text == wanted);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self, depth: usize) -> Read<Condition> {
        let mut left = self.both(depth)?;
        while self.accept("or") {
            left = Condition::Or(Box::new(left), Box::new(self.both(depth)?));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Read<Condition> {
        let mut left = self.one(depth)?;
        while self.accept("and") {
            left = Condition::And(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Read<Condition> {
        if depth > MOST_DEPTH {
            let offset = self.words.get(self.at).map_or(self.end, |word| word.offset);
            return Err((offset, ConditionProblem::TooLong));
        }
        if self.accept("not") {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        let word = self.next()?;
        let (offset, name, sign) = (word.offset, word.text.clone(), word.sign);
        match sign {
            Some('(') => {
                let inside = self.either(depth + 1)?;
                let closing = self.next().map_err(|_| (offset, ConditionProblem::Unclosed))?;
                if closing.sign == Some(')') { Ok(inside) } else { Err((closing.offset, ConditionProblem::Unexpected)) }
            }
            None if super::template::is_name(&name) && !is_reserved(&name) => self.question(offset, name),
            _ => Err((offset, ConditionProblem::Unexpected)),
        }
    }

    /// What follows a name: `is`, then a value, `known` or `missing`; or a comparison and a number.
    fn question(&mut self, offset: usize, name: String) -> Read<Condition> {
        if let Some(order) = self.order() {
            return self.comparison(offset, name, order);
        }
        if !self.accept("is") {
            let at = self.words.get(self.at).map_or(self.end, |word| word.offset);
            return Err((at, ConditionProblem::NoIs));
        }
        let word = self.next()?;
        let (at, value, quoted) = (word.offset, word.text.clone(), matches!(word.sign, Some('\'' | '"')));
        if !quoted && (word.sign.is_some() || is_reserved(&value)) {
            return Err((at, ConditionProblem::Unexpected));
        }
        if name == "channel" {
            let value_at = Some((at, value.clone()));
            self.mentions.push(Mention { offset, subject: Subject::Channel, value: value_at, ordered: false });
            return Ok(Condition::Channel(ChannelName::new(value)));
        }
        let state = if quoted { "" } else { value.as_str() };
        let condition = match state {
            "known" => Condition::Known(name.clone()),
            "missing" => Condition::Not(Box::new(Condition::Known(name.clone()))),
            _ => Condition::Is(name.clone(), value.clone()),
        };
        let value = (!matches!(state, "known" | "missing")).then_some((at, value));
        self.mentions.push(Mention { offset, subject: Subject::Slot(name), value, ordered: false });
        Ok(condition)
    }

    /// Steps over a comparison if it is next.
    fn order(&mut self) -> Option<Order> {
        let word = self.words.get(self.at).filter(|word| matches!(word.sign, Some('<' | '>')))?;
        let (_, order) = Order::ALL.iter().find(|(sign, _)| *sign == word.text)?;
        self.at += 1;
        Some(*order)
    }

    fn comparison(&mut self, offset: usize, name: String, order: Order) -> Read<Condition> {
        if name == "channel" {
            return Err((self.words[self.at - 1].offset, ConditionProblem::Unexpected));
        }
        let word = self.next()?;
        let number = if word.sign.is_none() { word.text.parse().ok() } else { None };
        let value = (word.offset, word.text.clone());
        let number = number.ok_or((word.offset, ConditionProblem::NoNumber))?;
        self.mentions.push(Mention { offset, subject: Subject::Slot(name.clone()), value: Some(value), ordered: true });
        Ok(Condition::Compare(name, order, number))
    }
}

/// The words of the conditions' own grammar, which name nothing.
pub fn is_reserved(word: &str) -> bool {
    matches!(word, "is" | "and" | "or" | "not")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(text: &str) -> bool {
        let value = |name: &str| match name {
            "giờ" => Some("sang".to_owned()),
            "cach_ly" => Some("no".to_owned()),
            "ghi_chu" => Some("gọi trước".to_owned()),
            "tuoi" => Some("5".to_owned()),
            _ => None,
        };
        Condition::parse(text).unwrap().holds(&ChannelName::new("web"), &value)
    }

    fn problem(text: &str) -> (usize, ConditionProblem) {
        Condition::parse(text).unwrap_err()
    }

    #[test]
    fn conditions_are_answered() {
        assert!(holds("giờ is sang"));
        assert!(!holds("giờ is chieu"));
        assert!(holds("channel is web and cach_ly is no"));
        assert!(holds("so_dt is missing"));
        assert!(holds("giờ is known and not so_dt is known"));
        assert!(holds("ghi_chu is 'gọi trước'"));
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_a_missing_one_never_holds() {
        let asked = ["tuoi < 10", "tuoi <= 5", "tuoi > -1", "tuoi>=5", "tuoi is 5", "tuoi < 5", "tuoi > 5", "khac < 5"];
        assert_eq!(asked.map(holds), [true, true, true, true, true, false, false, false]);
        assert!(holds("not khac >= 1 and (tuoi<6)"));
        assert!(!holds("ghi_chu < 5"), "words are no number");
    }

    #[test]
    fn not_binds_tighter_than_and_and_and_tighter_than_or() {
        assert!(holds("giờ is sang or giờ is chieu and giờ is toi"));
        assert!(!holds("(giờ is sang or giờ is chieu) and giờ is toi"));
        assert!(!holds("not giờ is sang and giờ is chieu"));
        assert!(holds("not (giờ is sang and giờ is chieu)"));
    }

    #[test]
    fn a_mistake_is_placed() {
        assert_eq!(problem(""), (0, ConditionProblem::Incomplete));
        assert_eq!(problem("giờ is"), (6, ConditionProblem::Incomplete));
        assert_eq!(problem("giờ = sang"), (4, ConditionProblem::NoIs));
        assert_eq!(problem("giờ"), (3, ConditionProblem::NoIs));
        assert_eq!(problem("tuoi < ba"), (7, ConditionProblem::NoNumber));
        assert_eq!(problem("tuoi < '3'"), (7, ConditionProblem::NoNumber));
        assert_eq!(problem("tuoi <"), (6, ConditionProblem::Incomplete));
        assert_eq!(problem("channel < 3"), (8, ConditionProblem::Unexpected));
        assert_eq!(problem("3 < tuoi"), (4, ConditionProblem::NoNumber), "a slot could be called 3");
        assert_eq!(problem("tuoi is < 3"), (8, ConditionProblem::Unexpected));
        assert_eq!(problem("(giờ is sang"), (0, ConditionProblem::Unclosed));
        assert_eq!(problem("giờ is sang)"), (11, ConditionProblem::Unclosed));
        assert_eq!(problem("giờ is sang chieu"), (12, ConditionProblem::Unexpected));
        assert_eq!(problem("giờ is 'sang"), (7, ConditionProblem::Unclosed));
        assert_eq!(problem(&"(".repeat(100)).1, ConditionProblem::TooLong);
        assert_eq!(problem(&"not ".repeat(100)).1, ConditionProblem::TooLong);
        assert_eq!(problem(&"a is b and ".repeat(1000)).1, ConditionProblem::TooLong);
    }

    #[test]
    fn a_mention_knows_its_place() {
        let (_, mentions) = Condition::parse_with_mentions("giờ is sang or channel is web").unwrap();
        assert_eq!(mentions[0].offset, 0);
        assert_eq!(mentions[0].value, Some((7, "sang".to_owned())));
        assert_eq!(mentions[1].subject, Subject::Channel);
        assert_eq!(mentions[1].value, Some((26, "web".to_owned())));
    }

    #[test]
    fn a_condition_is_written_with_no_more_brackets_than_needed() {
        for text in [
            "tuoi is missing or tuoi >= 18 and not tuoi > 60",
            "(a is b or c is d) and not (e is known and f is 'known')",
            "channel is web and (x is 'gọi \"trước\"' and y is \"'\")",
        ] {
            assert_eq!(Condition::parse(text).unwrap().to_string(), text);
        }
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let leaf = prop_oneof![
            ("[a-h]{1,6}", "[a-zđ ]{0,6}").prop_map(|(name, value)| Condition::Is(name, value)),
            "[a-h]{1,6}".prop_map(Condition::Known),
            ("[a-h]{1,6}", prop::sample::select(Order::ALL.to_vec()), any::<i64>())
                .prop_map(|(name, (_, order), number)| Condition::Compare(name, order, number)),
            Just(Condition::Channel(ChannelName::new("web"))),
        ];
        leaf.prop_recursive(4, 16, 2, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                pair.clone().prop_map(|(a, b)| Condition::And(Box::new(a), Box::new(b))),
                pair.prop_map(|(a, b)| Condition::Or(Box::new(a), Box::new(b))),
                inner.prop_map(|a| Condition::Not(Box::new(a))),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_written_condition_reads_back_the_same(condition in any_condition()) {
            prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition));
        }

        #[test]
        fn any_text_is_read_or_its_mistake_is_inside_it(text in "(is|not|and|or|channel|known|a|đ|5|[ ()'<>=\"]){0,40}") {
            if let Err((offset, _)) = Condition::parse(&text) {
                prop_assert!(offset <= text.chars().count());
            }
        }
    }
}
