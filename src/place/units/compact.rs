//! The compact text of all units: read with every line that is wrong, written as it is read.
//!
//! The form is told in [`super`]; what may be put into it is in [`super::table`].

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Centre, Kind, Level, OtherName, Problem, Unit, UnitIx, Units};
use crate::place::Scheme;

/// Longest text read, in bytes: 8 MiB; all units since 2021 take half of one.
pub(super) const MAX_BYTES: usize = 8 << 20;
/// Most units, so that an index fits in sixteen bits.
const MOST_UNITS: usize = 60_000;
/// Longest name, in bytes.
const LONGEST_NAME: usize = 120;

impl Units {
    /// Reads the compact text.
    ///
    /// # Errors
    /// All lines that are wrong.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        if text.len() > MAX_BYTES {
            return Err(vec![Problem { file: "", line: 0, message: "larger than 8 MiB".to_owned() }]);
        }
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            if let Err(message) = reader.line(at + 1, line) {
                reader.problems.push(Problem { file: "", line: at + 1, message });
            }
        }
        reader.finish()
    }

    /// Whether wards lay in a district, and told what became of it.
    fn has_wards(&self, district: usize) -> bool {
        self.all.iter().any(|unit| {
            unit.districts.first().is_some_and(|parent| parent.at() == district && unit.scheme == Scheme::Old)
        })
    }

    /// The compact text.
    pub fn compact(&self) -> String {
        let mut text = String::from(HEAD);
        let codes = |list: &[UnitIx]| list.iter().map(|ix| &*self.unit(*ix).code).collect::<Vec<_>>().join(",");
        for (at, unit) in self.all.iter().enumerate() {
            let tag = Tag::of(unit).letter();
            let last = match (unit.scheme, unit.level, unit.centre) {
                (Scheme::New, _, Some(centre)) => format!("\t{centre}"),
                (Scheme::Old, level, _)
                    if !unit.now.is_empty() && (level != Level::District || !self.has_wards(at)) =>
                {
                    format!("\t{}", codes(&unit.now))
                }
                _ => String::new(),
            };
            writeln!(text, "{tag}\t{}\t{}{last}", unit.code, unit.full_name).expect("writing to a string");
            for name in self.other_names.iter().filter(|name| name.unit.at() == at) {
                let tag = if name.is_former { '=' } else { '~' };
                writeln!(text, "{tag}\t{}", name.text).expect("writing to a string");
            }
            if (unit.scheme, unit.level) == (Scheme::Old, Level::Ward) {
                for district in unit.districts.iter().skip(1) {
                    writeln!(text, "^\t{}", self.unit(*district).code).expect("writing to a string");
                }
            }
        }
        text
    }
}

/// What the compact text says of itself.
const HEAD: &str = "\
# The administrative units of Viet Nam, in force and before July 2025. Made by `thoai units`; the form is told in
# src/place/units.rs. Derived from tables under the MIT licence (see NOTICE):
# vietnamese-provinces-database, Copyright (c) 2021 Thang Le Quoc; vietnamadminunits, Copyright (c) 2025 Tran Ngoc
# Minh Hieu; vn-address-converter, Copyright (c) 2025 Bao Nguyen.
";

/// What a line of a unit begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Province,
    Commune,
    OldProvince,
    District,
    Ward,
    HistoricWard,
}

impl Tag {
    const ALL: [(char, Self); 6] = [
        ('P', Self::Province),
        ('C', Self::Commune),
        ('p', Self::OldProvince),
        ('d', Self::District),
        ('w', Self::Ward),
        ('x', Self::HistoricWard),
    ];

    fn of(unit: &Unit) -> Self {
        match (unit.scheme, unit.level) {
            (Scheme::New, Level::Province) => Self::Province,
            (Scheme::New, _) => Self::Commune,
            (Scheme::Old, Level::Province) => Self::OldProvince,
            (Scheme::Old, Level::District) => Self::District,
            (Scheme::Old, Level::Ward) if unit.is_historic => Self::HistoricWard,
            (Scheme::Old, Level::Ward) => Self::Ward,
        }
    }

    fn letter(self) -> char {
        Self::ALL.iter().find(|(_, tag)| *tag == self).map_or('?', |(letter, _)| *letter)
    }

    fn level(self) -> Level {
        match self {
            Self::Province | Self::OldProvince => Level::Province,
            Self::District => Level::District,
            Self::Commune | Self::Ward | Self::HistoricWard => Level::Ward,
        }
    }

    fn scheme(self) -> Scheme {
        if matches!(self, Self::Province | Self::Commune) { Scheme::New } else { Scheme::Old }
    }

    fn digits(self) -> usize {
        match self.level() {
            Level::Province => 2,
            Level::District => 3,
            Level::Ward => 5,
        }
    }
}

/// The compact text while it is read.
#[derive(Default)]
struct Reader {
    units: Units,
    /// Old units by level and code.
    old: BTreeMap<(Level, Box<str>), UnitIx>,
    /// The province and the district that lines now lie in.
    province: Option<UnitIx>,
    district: Option<UnitIx>,
    /// Former districts of wards, by code: they may stand further down.
    lay_in: Vec<(usize, UnitIx, Box<str>)>,
    problems: Vec<Problem>,
}

impl Reader {
    fn line(&mut self, at: usize, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split('\t').collect();
        let last = self.units.all.len().checked_sub(1).map(UnitIx::new);
        match (fields[0], fields.as_slice(), last) {
            ("=" | "~", [tag, name], Some(unit)) => {
                let text = sound_name(name)?.into();
                self.units.other_names.push(OtherName { unit, text, is_former: *tag == "=" });
                Ok(())
            }
            ("^", [_, code], Some(unit)) => {
                self.lay_in.push((at, unit, (*code).into()));
                Ok(())
            }
            (tag, [_, code, name, rest @ ..], _) => {
                let tag = Tag::ALL.iter().find(|(letter, _)| letter.to_string() == tag);
                let (_, tag) = tag.ok_or_else(|| format!("no line begins with {:?}", fields[0]))?;
                self.unit(*tag, code, name, rest.first().copied().unwrap_or_default())
            }
            _ => Err("a unit has a tag, a code and a name, separated by tabs".to_owned()),
        }
    }

    fn unit(&mut self, tag: Tag, code: &str, full_name: &str, more: &str) -> Result<(), String> {
        if self.units.all.len() >= MOST_UNITS {
            return Err(format!("more than {MOST_UNITS} units"));
        }
        if code.len() != tag.digits() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{code:?} is no code of {} digits", tag.digits()));
        }
        let (kind, _) = Kind::split(sound_name(full_name)?)
            .filter(|(kind, _)| kind.is_of(tag.level()))
            .ok_or_else(|| format!("{full_name:?} does not begin with a type word of its level"))?;
        let ix = UnitIx::new(self.units.all.len());
        let parent = match tag {
            Tag::Province | Tag::OldProvince => None,
            Tag::Commune | Tag::District => Some(self.province.ok_or("it stands below no province")?),
            Tag::Ward | Tag::HistoricWard => Some(self.district.ok_or("it stands below no district")?),
        };
        let wrong_scheme = parent.is_some_and(|parent| self.units.unit(parent).scheme != tag.scheme());
        if wrong_scheme {
            return Err("it stands below a province of the other period".to_owned());
        }
        let now = match tag.scheme() {
            Scheme::New => vec![ix],
            Scheme::Old => self.successors(tag, more)?,
        };
        let province = match (tag, parent) {
            (Tag::OldProvince, _) => now[0],
            (_, Some(parent)) => self.units.unit(parent).province,
            (_, None) => ix,
        };
        let centre = if tag == Tag::Commune && !more.is_empty() { Some(centre(more)?) } else { None };
        let districts = if tag.scheme() == Scheme::Old && tag.level() == Level::Ward {
            parent.into_iter().collect()
        } else {
            Vec::new()
        };
        self.enter(tag, code, ix)?;
        self.units.all.push(Unit {
            level: tag.level(),
            scheme: tag.scheme(),
            kind,
            code: code.into(),
            full_name: full_name.into(),
            is_historic: tag == Tag::HistoricWard,
            centre,
            parent,
            province,
            now,
            districts,
        });
        Ok(())
    }

    /// The units in force that `more` names, the first one at least of them where it must be.
    fn successors(&self, tag: Tag, more: &str) -> Result<Vec<UnitIx>, String> {
        let level = tag.level();
        let digits = if level == Level::Province { 2 } else { 5 };
        let in_force = |code: &str| {
            let ix = (code.len() == digits).then(|| self.units.ix_in_force(code)).flatten();
            ix.ok_or_else(|| format!("it became {code:?}, which is not in force"))
        };
        let all: Result<Vec<UnitIx>, String> = more.split(',').filter(|code| !code.is_empty()).map(in_force).collect();
        match all {
            Ok(all) if all.is_empty() && level == Level::Province => Err("it became nothing".to_owned()),
            all => all,
        }
    }

    /// Remembers a unit by its code, and as the one the next lines lie in.
    fn enter(&mut self, tag: Tag, code: &str, ix: UnitIx) -> Result<(), String> {
        let known = match tag.scheme() {
            Scheme::New => self.units.in_force.insert(code.into(), ix),
            Scheme::Old => self.old.insert((tag.level(), code.into()), ix),
        };
        if known.is_some() {
            return Err(format!("the code {code} stands twice"));
        }
        match tag.level() {
            Level::Province => (self.province, self.district) = (Some(ix), None),
            Level::District => self.district = Some(ix),
            Level::Ward => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Units, Vec<Problem>> {
        for (line, unit, code) in std::mem::take(&mut self.lay_in) {
            match self.old.get(&(Level::District, code.clone())) {
                Some(district) => self.units.all[unit.at()].districts.push(*district),
                None => {
                    let message = format!("it lay in {code:?}, which is no district");
                    self.problems.push(Problem { file: "", line, message });
                }
            }
        }
        if self.units.in_force.is_empty() {
            self.problems.push(Problem { file: "", line: 0, message: "no unit is in force".to_owned() });
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.units.relate();
        Ok(self.units)
    }
}

/// A name that can be shown: letters first, short, without control characters.
fn sound_name(name: &str) -> Result<&str, String> {
    let sound = name.len() <= LONGEST_NAME
        && name.starts_with(char::is_alphanumeric)
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if sound { Ok(name) } else { Err(format!("{:?} is no name", name.chars().take(40).collect::<String>())) }
}

/// `21.0386,105.838,2.97`, in and around Viet Nam; the area may be missing.
fn centre(text: &str) -> Result<Centre, String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.parse().ok()).collect();
    let (latitude, longitude, area) = match numbers.as_deref() {
        Some([latitude, longitude]) => (*latitude, *longitude, None),
        Some([latitude, longitude, area]) => (*latitude, *longitude, Some(*area)),
        _ => return Err(format!("{text:?} is not degrees north, degrees east, square kilometres")),
    };
    let here = (6.0..24.0).contains(&latitude) && (102.0..118.0).contains(&longitude);
    let sound = here && area.is_none_or(|area| area > 0.0 && area < 50_000.0);
    if sound { Ok(Centre { latitude, longitude, area }) } else { Err(format!("{text:?} is no place in Viet Nam")) }
}
