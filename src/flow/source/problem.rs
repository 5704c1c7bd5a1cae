//! What can be wrong with a text as YAML, in words. Knows nothing of what the text is about.

use super::super::diagnostic::{Words, quoted};
use super::{MOST_BYTES, MOST_DEPTH, MOST_NODES};

/// Why a text, or a part of it, is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceProblem {
    /// More than [`MOST_BYTES`].
    TooLong,
    /// Nested deeper than [`MOST_DEPTH`].
    TooDeep,
    /// More than [`MOST_NODES`] values.
    TooManyNodes,
    /// Nothing in it.
    Empty,
    /// A character that no editor shows.
    Control(char),
    /// `&name`
    Anchor,
    /// `*name`
    Alias,
    /// `!name`
    Tag,
    /// `<<:`
    MergeKey,
    /// A key that the same map has already.
    DuplicateKey {
        /// The key.
        key: String,
        /// The line of the first.
        first: usize,
    },
    /// A key that is empty, a map or a list.
    KeyNotText,
    /// A second document after `---`.
    SeveralDocuments,
    /// A tab where only spaces may indent.
    Tab,
    /// `a: b: c`: words with a colon and a space, not in quotes.
    Colon,
    /// A quote or bracket that nothing closes.
    Unclosed,
    /// Lines that do not line up.
    Indentation,
    /// A backslash in double quotes before a character it does not go with.
    Escape,
    /// Anything else, in the parser's English.
    Syntax(String),
}

impl SourceProblem {
    /// Sorts the parser's complaint into what an author can act upon.
    pub(super) fn of_parser(complaint: &str) -> Self {
        let says = |words: &[&str]| words.iter().any(|word| complaint.contains(word));
        match () {
            () if says(&["recursion limit"]) => Self::TooDeep,
            () if says(&["unknown anchor"]) => Self::Alias,
            () if says(&["anchor"]) && !says(&["indentation"]) => Self::Anchor,
            () if says(&["handle wasn't declared", "parsing a tag", "scanning a tag", "verbatim tag"]) => Self::Tag,
            () if says(&["tab"]) && says(&["tabs disallowed", "found a tab", "tab cannot", "start with a tab"]) => {
                Self::Tab
            }
            () if says(&["mapping values are not allowed", "illegal placement of ':'"]) => Self::Colon,
            () if says(&["escape character", "escape code", "hexadecimal"]) => Self::Escape,
            () if says(&["end of stream", "',' or ']'", "',' or '}'", "unexpected eof"]) => Self::Unclosed,
            () if says(&["indent", "block mapping", "block collection", "simple key expect"]) => Self::Indentation,
            () if says(&["end marker before", "<document start>"]) => Self::SeveralDocuments,
            () => Self::Syntax(complaint.to_owned()),
        }
    }

    /// The problem in words.
    pub fn words(&self) -> Words {
        match self {
            Self::TooLong => Words::new(
                "too-long",
                format!("tệp dài quá {MOST_BYTES} byte"),
                format!("the file is longer than {MOST_BYTES} bytes"),
            ),
            Self::TooDeep => Words::new(
                "too-deep",
                format!("các mục lồng nhau quá {MOST_DEPTH} tầng"),
                format!("values are nested deeper than {MOST_DEPTH} levels"),
            ),
            Self::TooManyNodes => Words::new(
                "too-many-values",
                format!("tệp có quá {MOST_NODES} giá trị"),
                format!("the file holds more than {MOST_NODES} values"),
            ),
            Self::Empty => Words::new("empty-file", "tệp trống", "the file is empty"),
            Self::Control(found) => Words::new(
                "control-character",
                format!("có ký tự điều khiển không nhìn thấy được (U+{:04X}); hãy xóa đi", u32::from(*found)),
                format!("an invisible control character (U+{:04X}) stands here; delete it", u32::from(*found)),
            ),
            Self::Anchor => Words::new(
                "anchor",
                "không dùng được & của YAML (neo); hãy viết lại nội dung, hoặc đặt trong dấu nháy nếu đó là lời nói",
                "YAML anchors (&) are not used here; write the value out, or quote it if it is words",
            ),
            Self::Alias => Words::new(
                "alias",
                "không dùng được * của YAML (bí danh); hãy viết lại nội dung, hoặc đặt trong dấu nháy nếu đó là lời nói",
                "YAML aliases (*) are not used here; write the value out, or quote it if it is words",
            ),
            Self::Tag => Words::new(
                "tag",
                "không dùng được ! của YAML (thẻ kiểu); hãy đặt trong dấu nháy nếu đó là lời nói",
                "YAML tags (!) are not used here; quote it if it is words",
            ),
            Self::MergeKey => Words::new(
                "merge-key",
                "không dùng được << của YAML (gộp mục); hãy viết lại nội dung",
                "YAML merge keys (<<) are not used here; write the keys out",
            ),
            Self::DuplicateKey { key, first } => Words::new(
                "duplicate-key",
                format!("mục {} đã có ở dòng {first}", quoted(key)),
                format!("the key {} is already on line {first}", quoted(key)),
            ),
            Self::KeyNotText => Words::new("key-not-text", "tên mục phải là chữ", "a key must be words"),
            Self::SeveralDocuments => Words::new(
                "several-documents",
                "mỗi tệp chỉ có một phần; hãy bỏ dấu ---",
                "a file holds one document; take the --- away",
            ),
            _ => self.syntax_words(),
        }
    }

    fn syntax_words(&self) -> Words {
        match self {
            Self::Tab => Words::new(
                "tab",
                "dòng này thụt vào bằng phím Tab; hãy dùng dấu cách",
                "this line is indented with a tab; use spaces",
            ),
            Self::Colon => Words::new(
                "colon",
                "dấu hai chấm không đứng được ở đây; lời nói có dấu hai chấm phải đặt trong dấu nháy",
                "a colon cannot stand here; words with a colon belong in quotes",
            ),
            Self::Unclosed => {
                Words::new("unclosed", "thiếu dấu nháy hoặc dấu ngoặc đóng", "a closing quote or bracket is missing")
            }
            Self::Indentation => Words::new(
                "indentation",
                "dòng này thụt vào không thẳng hàng, hoặc thiếu dấu hai chấm sau tên mục",
                "this line does not line up with the others, or a colon is missing after a key",
            ),
            Self::Escape => Words::new(
                "escape",
                "dấu \\ không đi với chữ này; hãy viết \\\\ hoặc dùng dấu nháy đơn",
                "this letter cannot follow a \\; write \\\\ or use single quotes",
            ),
            other => {
                let complaint = if let Self::Syntax(complaint) = other { complaint } else { "" };
                Words::new(
                    "syntax",
                    format!("tệp viết sai cú pháp YAML ({complaint})"),
                    format!("not YAML: {complaint}"),
                )
            }
        }
    }
}
