//! Records of a CSV file of any size, one at a time with the line each begins on. Takes as much memory as the longest
//! record may have, whatever the file; goes on behind what is no record. Knows no column.

use std::collections::VecDeque;
use std::io::{self, BufRead, Seek, SeekFrom};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::MAX_ROW_BYTES;
use super::table::delimiter;

/// Most cells of a record.
const MOST_CELLS: usize = 64;

/// The records of a file.
pub(super) struct Records<R> {
    file: R,
    cells: Reader,
    /// The current record: its cells one behind the other, where each ends, and the line it begins on.
    text: Vec<u8>,
    ends: [usize; MOST_CELLS],
    width: usize,
    line: usize,
    start: u64,
    /// Lines that were taken for part of a record that had no end.
    returned: VecDeque<Line>,
    /// Lines and bytes taken from the file.
    lines: usize,
    bytes: u64,
    /// The last line ended with a carriage return: a line feed behind it belongs to it.
    after_return: bool,
}

/// One line, with a line feed at its end.
struct Line {
    number: usize,
    start: u64,
    text: Vec<u8>,
    /// It was longer than a record may be, and what is more was dropped.
    is_cut: bool,
}

/// Why something is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is longer than [`MAX_ROW_BYTES`].
    TooLong,
    /// A quote is opened and not closed soon enough; the lines behind the first are read by themselves.
    Unclosed,
    /// It has more than [`MOST_CELLS`] cells.
    TooWide,
    /// It is not UTF-8.
    NotText,
}

impl<R> Records<R> {
    pub(super) fn of(file: R) -> Self {
        Self {
            file,
            cells: Reader::new(),
            text: vec![0; MAX_ROW_BYTES + 1],
            ends: [0; MOST_CELLS],
            width: 0,
            line: 0,
            start: 0,
            returned: VecDeque::new(),
            lines: 0,
            bytes: 0,
            after_return: false,
        }
    }

    /// The same records of the same file, opened again.
    pub(super) fn of_again<S>(self, file: S) -> Records<S> {
        Records { cells: self.cells, ..Records::of(file) }
    }

    /// The cells of the current record, without the spaces around them.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.width).map(|ix| self.cell(ix))
    }

    /// One cell of the current record; empty where it has none.
    pub(super) fn cell(&self, ix: usize) -> &str {
        let Some(end) = self.ends[..self.width].get(ix) else { return "" };
        let start = if ix == 0 { 0 } else { self.ends[ix - 1] };
        std::str::from_utf8(&self.text[start..*end]).unwrap_or_default().trim()
    }

    /// How many cells the current record has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The line the current record, or what is none, begins on, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Where in the file the current record begins, or the line break before it, in bytes.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// How much of the file was taken, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl<R: BufRead> Records<R> {
    /// Moves to the header, which is the first record and tells what separates cells.
    pub(super) fn open(&mut self) -> io::Result<Option<Result<(), Flaw>>> {
        while let Some(mut line) = self.next_line()? {
            if let Some(rest) = line.text.strip_prefix("\u{feff}".as_bytes()) {
                line.text = rest.to_vec();
            }
            if !is_blank(&line.text) {
                let separator = delimiter(&String::from_utf8_lossy(&line.text));
                self.cells = ReaderBuilder::new().delimiter(separator).build();
                self.returned.push_front(line);
                return self.advance();
            }
        }
        Ok(None)
    }

    /// Moves to the next record; `None` at the end of the file.
    pub(super) fn advance(&mut self) -> io::Result<Option<Result<(), Flaw>>> {
        self.cells.reset();
        let (mut length, mut written) = (0, 0);
        self.width = 0;
        let mut taken: Vec<Line> = Vec::new();
        loop {
            let Some(line) = self.next_line()? else {
                return Ok((!taken.is_empty()).then(|| Err(self.give_back(taken))));
            };
            if taken.is_empty() {
                if is_blank(&line.text) {
                    continue;
                }
                (self.line, self.start) = (line.number, line.start);
            }
            length += line.text.len();
            let fits = !line.is_cut && length <= MAX_ROW_BYTES;
            if !fits || std::str::from_utf8(&line.text).is_err() {
                if !taken.is_empty() {
                    taken.push(line);
                    return Ok(Some(Err(self.give_back(taken))));
                }
                return Ok(Some(Err(if fits { Flaw::NotText } else { Flaw::TooLong })));
            }
            let (text, ends) = (&mut self.text[written..], &mut self.ends[self.width..]);
            let (result, _, more, ended) = self.cells.read_record(&line.text, text, ends);
            written += more;
            self.width += ended;
            match result {
                ReadRecordResult::Record => return Ok(Some(Ok(()))),
                ReadRecordResult::OutputEndsFull => return Ok(Some(Err(Flaw::TooWide))),
                // The room for the text is that of the longest record.
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::End => taken.push(line),
            }
        }
    }

    /// Passes over the first of some lines, and has the others read by themselves.
    fn give_back(&mut self, taken: Vec<Line>) -> Flaw {
        for line in taken.into_iter().skip(1).rev() {
            self.returned.push_front(line);
        }
        Flaw::Unclosed
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.returned.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Line { number: self.lines + 1, start: self.bytes, text: Vec::with_capacity(128), is_cut: false };
        loop {
            let piece = self.file.fill_buf()?;
            if piece.is_empty() {
                if line.text.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let skipped = usize::from(self.after_return && piece[0] == b'\n');
            self.after_return = false;
            let rest = &piece[skipped..];
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &rest[..end.unwrap_or(rest.len())];
            let room = MAX_ROW_BYTES - line.text.len();
            line.is_cut |= part.len() > room;
            line.text.extend_from_slice(&part[..part.len().min(room)]);
            self.after_return = end.is_some_and(|end| rest[end] == b'\r');
            let taken = skipped + part.len() + usize::from(end.is_some());
            self.file.consume(taken);
            self.bytes += taken as u64;
            if end.is_some() {
                break;
            }
        }
        self.lines += 1;
        line.text.push(b'\n');
        Ok(Some(line))
    }
}

impl<R: BufRead + Seek> Records<R> {
    /// Moves to the record that [`Self::start`] was told of.
    pub(super) fn advance_to(&mut self, start: u64) -> io::Result<Option<Result<(), Flaw>>> {
        self.returned.clear();
        self.after_return = false;
        self.file.seek(SeekFrom::Start(start))?;
        self.bytes = start;
        self.advance()
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Line and cells of each record, or what is wrong with it.
    fn read(text: &[u8]) -> Vec<(usize, Result<Vec<String>, Flaw>)> {
        // A small buffer, so that lines and line ends are cut by it.
        let mut records = Records::of(io::BufReader::with_capacity(7, text));
        let mut found = Vec::new();
        let mut next = records.open().unwrap();
        while let Some(record) = next {
            found.push((records.line(), record.map(|()| records.cells().map(str::to_owned).collect())));
            next = records.advance().unwrap();
        }
        assert_eq!(records.bytes(), text.len() as u64);
        found
    }

    fn cells(cells: &[&str]) -> Result<Vec<String>, Flaw> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn records_come_with_the_line_they_begin_on_however_lines_end() {
        let text = "\u{feff}\r\na;b\r\n\r\n\"x\r\ny\";1\r2;\"it says \"\"no\"\"\"\n\n 3 ;5\" pipe";
        let expected = [
            (2, cells(&["a", "b"])),
            (4, cells(&["x\ny", "1"])),
            (6, cells(&["2", "it says \"no\""])),
            (8, cells(&["3", "5\" pipe"])),
        ];
        assert_eq!(read(text.as_bytes()), expected);
        assert_eq!(read(b""), []);
    }

    #[test]
    fn what_is_no_record_costs_its_own_line_only() {
        let long = format!("a,b\n{},1\nc,d\n", "x".repeat(3 * MAX_ROW_BYTES));
        let expected = [(1, cells(&["a", "b"])), (2, Err(Flaw::TooLong)), (3, cells(&["c", "d"]))];
        assert_eq!(read(long.as_bytes()), expected);
        let unclosed = b"a,b\n\"c,d\ne,f\ng,h";
        let expected =
            [(1, cells(&["a", "b"])), (2, Err(Flaw::Unclosed)), (3, cells(&["e", "f"])), (4, cells(&["g", "h"]))];
        assert_eq!(read(unclosed), expected);
        let expected = [(1, cells(&["a", "b"])), (2, Err(Flaw::NotText)), (3, cells(&["c", "d"]))];
        assert_eq!(read(b"a,b\n\xc3,\xa0\nc,d\n"), expected);
        assert_eq!(read(",".repeat(70).as_bytes()), [(1, Err(Flaw::TooWide))]);
        let many = format!("a,b\n\"c\n{}", "d,e\n".repeat(40_000));
        let found = read(many.as_bytes());
        assert_eq!((found.len(), found[1].1.clone()), (40_002, Err(Flaw::Unclosed)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_panic(text in prop::collection::vec(prop_oneof![
            Just(b'"'), Just(b','), Just(b';'), Just(b'\n'), Just(b'\r'), any::<u8>(),
        ], 0..200)) {
            read(&text);
        }

        #[test]
        fn what_was_written_is_read(rows in prop::collection::vec(prop::collection::vec("[a-zà-ỹ\"',;\n ]{0,9}", 3), 1..9)) {
            let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).unwrap();
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let found: Vec<_> = read(&writer.into_inner().unwrap()).into_iter().skip(1).map(|(_, row)| row.unwrap()).collect();
            let trimmed: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            prop_assert_eq!(found, trimmed);
        }
    }
}
