//! Lines and columns of a CSV text, each with its line number. Knows the columns' names, never their meaning.

use csv::{ReaderBuilder, StringRecord};

use super::{MAX_ROW_BYTES, Problems};

/// The columns of a kind of table, in the order in which they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// Those that every table has.
    pub(super) needed: &'static [&'static str],
    /// Those that may be left out.
    pub(super) more: &'static [&'static str],
}

impl Columns {
    fn all(self) -> impl Iterator<Item = &'static str> {
        self.needed.iter().chain(self.more).copied()
    }
}

/// A table being read.
pub(super) struct Table<'a> {
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
    /// Where each column stands, of those that are there.
    places: Vec<(&'static str, usize)>,
    /// How many columns the header has.
    width: usize,
    record: StringRecord,
    /// How many rows were read, of how many at most.
    rows: usize,
    most_rows: usize,
    /// How far lines have been counted, in bytes.
    counted: usize,
    /// The line there, from 1.
    line: usize,
}

/// One row of the width of the header.
pub(super) struct Row<'a> {
    record: &'a StringRecord,
    places: &'a [(&'static str, usize)],
    line: usize,
}

impl Row<'_> {
    /// The text of a column, without the spaces around it.
    pub(super) fn cell(&self, column: &str) -> &str {
        let place = self.places.iter().find(|(name, _)| *name == column);
        place.and_then(|(_, place)| self.record.get(*place)).unwrap_or_default().trim()
    }

    /// The line it begins on, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }
}

impl<'a> Table<'a> {
    /// Reads the header; `None` when it is not the right one.
    pub(super) fn open(text: &'a str, columns: Columns, most_rows: usize, problems: &mut Problems) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header_line = text.trim_start().lines().next().unwrap_or_default();
        let delimiter = delimiter(header_line);
        let reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        let record = StringRecord::new();
        let mut table =
            Self { text, reader, places: Vec::new(), width: 0, record, rows: 0, most_rows, counted: 0, line: 1 };
        table.advance();
        let line = table.line;
        table.width = table.record.len();
        let header: Vec<&str> = table.record.iter().map(str::trim).collect();
        table.places = find_columns(columns, &header, line, problems)?;
        Some(table)
    }

    /// The next row of the right width; wrong ones are reported and passed over.
    pub(super) fn next_row(&mut self, problems: &mut Problems) -> Option<Row<'_>> {
        loop {
            if !self.advance() {
                return None;
            }
            self.rows += 1;
            if self.rows > self.most_rows {
                problems.add(
                    self.line,
                    "",
                    format!("Bảng có hơn {} dòng; từ dòng này không đọc nữa.", self.most_rows),
                    format!("The table has more than {} rows; reading stopped here.", self.most_rows),
                );
                return None;
            }
            if self.is_fine(problems) {
                break;
            }
        }
        Some(Row { record: &self.record, places: &self.places, line: self.line })
    }

    /// Moves to the next record and its line; `false` at the end.
    fn advance(&mut self) -> bool {
        // The text is UTF-8 and rows may have any width, so nothing is left that could fail.
        let more = self.reader.read_record(&mut self.record).unwrap_or(false);
        if more {
            self.count_lines();
        }
        more
    }

    /// Counts the line breaks before the current record. The reader's own line is that of the first of the
    /// blank lines it skipped, so only its byte is used.
    fn count_lines(&mut self) {
        let bytes = self.text.as_bytes();
        let from = self.record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let blank = |byte: &&u8| matches!(byte, b'\n' | b'\r');
        let skipped = bytes.get(from..).map_or(0, |rest| rest.iter().take_while(blank).count());
        let start = from.saturating_add(skipped).min(bytes.len());
        for at in self.counted..start {
            let is_break = bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            self.line += usize::from(is_break);
        }
        self.counted = start;
    }

    /// Whether the current record can be a row.
    fn is_fine(&self, problems: &mut Problems) -> bool {
        let length = self.record.as_slice().len();
        if length > MAX_ROW_BYTES {
            problems.add(
                self.line,
                "",
                format!("Dòng dài hơn {MAX_ROW_BYTES} byte. Có thể thiếu dấu ngoặc kép đóng \"."),
                format!("The row is longer than {MAX_ROW_BYTES} bytes. Perhaps a quote \" was never closed."),
            );
            return false;
        }
        let (found, wanted) = (self.record.len(), self.width);
        if found != wanted {
            problems.add(
                self.line,
                "",
                format!("Dòng có {found} ô, cần {wanted} ô như dòng tiêu đề."),
                format!("The row has {found} fields; the header has {wanted}."),
            );
        }
        found == wanted
    }
}

/// What separates the cells of a table with this header. Spreadsheets write the list separator of the country, which
/// is the semicolon in Viet Nam.
pub(super) fn delimiter(header_line: &str) -> u8 {
    if header_line.contains(',') { b',' } else { b';' }
}

/// Where each column stands in a header; `None` when it is not the right one.
pub(super) fn find_columns(
    columns: Columns,
    header: &[&str],
    line: usize,
    problems: &mut Problems,
) -> Option<Vec<(&'static str, usize)>> {
    let mut fine = true;
    let mut places = Vec::new();
    for column in columns.all() {
        match header.iter().position(|name| *name == column) {
            Some(place) => places.push((column, place)),
            None if columns.more.contains(&column) => {}
            None => {
                fine = false;
                let needed = columns.needed.join(",");
                problems.add(
                    line,
                    column,
                    format!("Dòng tiêu đề thiếu cột \"{column}\". Cần: {needed}."),
                    format!("The header lacks the column \"{column}\". It should be: {needed}."),
                );
            }
        }
    }
    for (ix, name) in header.iter().enumerate() {
        if !columns.all().any(|column| column == *name) || header[..ix].contains(name) {
            fine = false;
            let name = super::quoted(name);
            problems.add(
                line,
                &name,
                format!("Cột \"{name}\" lạ hoặc lặp lại. Hãy bỏ cột này."),
                format!("The column \"{name}\" is unknown or repeated. Remove it."),
            );
        }
    }
    fine.then_some(places)
}
