//! Random flows for property tests: two files, the first of which may run the second. Not every one of them
//! compiles; those that do may do anything the language allows.

use std::fmt::Write;

use proptest::prelude::*;

use super::Flows;
use super::compile::{File, Names, compile};
use crate::domain::limits::LimitsTable;
use crate::domain::slot::SlotType;

/// The flow that conversations come to.
pub(crate) const NAME: &str = "thu";

/// What decides a flow: numbers that are used up one by one, 0 when there are none left, so that a smaller
/// failing example is a simpler flow.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    left: std::vec::IntoIter<u16>,
}

impl Dice {
    fn of(&mut self, sides: usize) -> usize {
        usize::from(self.left.next().unwrap_or(0)) % sides
    }

    /// True once in `of` times.
    fn once(&mut self, of: usize) -> bool {
        self.of(of) == of - 1
    }
}

/// The text of a flow, and of the one it may run.
pub(crate) fn texts() -> impl Strategy<Value = [String; 2]> {
    prop::collection::vec(any::<u16>(), 40..260).prop_map(|numbers| {
        let mut dice = Dice { left: numbers.into_iter() };
        [Draft::new(&mut dice).write(), other()]
    })
}

/// The flow that is run: a choice, a number and a phone number, with an end of its own for each.
fn other() -> String {
    "flow: con\nslots:\n  loai: {type: choice, label: Kiểu, options: {m: Mặn, n: Ngọt}}\n  \
     muc: {type: number, label: Mức, min: 1, max: 9}\n  may: {type: phone, label: Máy}\nsteps:\n  \
     ca: {ask: loai, say: \"Mặn hay ngọt ạ?\", choose: {n: cc}}\n  cb: {ask: muc, say: \"Mức mấy ạ?\", optional: true}\n  \
     cc: {ask: may, say: \"Máy nào ạ?\"}\n  cd: {branch: [{when: loai is m, go: cf}]}\n  ce: {end: ngot, say: \"Ngọt ạ.\"}\n  \
     cf: {end: man}\n"
        .to_owned()
}

/// The flows of these texts; `None` where they do not compile.
pub(crate) fn compiled(texts: &[String]) -> Option<Flows> {
    let names = Names { limits: &LimitsTable::new(), queues: &["cskh".to_owned()], services: &["crm".to_owned()] };
    let file = |(name, text): (&str, &String)| File { path: format!("flows/{name}.yaml"), text: text.clone() };
    let files: Vec<File> = [NAME, "con"].into_iter().zip(texts).map(file).collect();
    compile(&files, names).ok().map(|compiled| compiled.flows)
}

/// A flow being written.
struct Draft<'d> {
    dice: &'d mut Dice,
    /// The type of each slot, `s0` and so on.
    slots: Vec<SlotType>,
    private: Vec<bool>,
    /// The slots asked for on the way from the top.
    asked: Vec<usize>,
    /// How many steps there are, `t0` and so on, before the last ones.
    steps: usize,
    text: String,
}

impl<'d> Draft<'d> {
    fn new(dice: &'d mut Dice) -> Self {
        let slots: Vec<SlotType> = (0..2 + dice.of(6)).map(|_| SlotType::ALL[dice.of(13)].1).collect();
        let private = slots.iter().map(|kind| *kind != SlotType::Consent && dice.once(4)).collect();
        let steps = 3 + dice.of(12);
        Self { dice, slots, private, asked: Vec::new(), steps, text: String::new() }
    }

    fn write(mut self) -> String {
        let corrections = ["ask_first", "apply", "off"][self.dice.of(3)];
        let silence = match self.dice.of(4) {
            0 => "",
            1 => "silence: {remind_after: [15m, 20h], expire_after: 48h}\n",
            2 => "silence: {remind_after: [1h], expire_after: 24h, then: het}\n",
            _ if self.private.contains(&true) => "silence: {expire_after: 24h, then: nv}\n",
            _ => "silence: {expire_after: 24h, then: t0}\n",
        };
        // Nobody jumps over the question for consent.
        let jump = if self.dice.once(3) && !self.private.contains(&true) { "t1" } else { "het" };
        let _ = write!(
            self.text,
            "flow: {NAME}\nentry: {{default: true}}\ncorrections: {corrections}\n{silence}interrupts:\n  \
             phi: {{match: [mất tiền không], say: \"Miễn phí ạ. {{last_question}}\", then: resume}}\n  \
             thoi: {{match: [thôi nhé, dừng], confirm: \"Dừng ạ?\", then: {{end: stopped}}}}\n  \
             nguoi: {{match: [gặp nhân viên, nv], then: nv}}\n  \
             nhay: {{match: [nhảy qua], then: {jump}}}\n",
        );
        self.write_slots();
        self.text.push_str("steps:\n");
        if self.private.contains(&true) {
            self.text.push_str("  phep: {ask: dy, say: \"Cho phép lưu ạ?\", if_no: het}\n");
        }
        for at in 0..self.steps {
            let step = self.step(at);
            let _ = writeln!(self.text, "  t{at}: {{{step}}}");
        }
        self.text.push_str("  het: {end: xong, say: \"Hết ạ.\"}\n  nv: {person: cskh, say: \"Gặp người ạ.\"}\n");
        self.text
    }

    fn write_slots(&mut self) {
        self.text.push_str("slots:\n  dy: {type: consent, label: Phép}\n");
        for at in 0..self.slots.len() {
            let kind = self.slots[at];
            let name = SlotType::ALL.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name);
            let more = match kind {
                SlotType::Choice => ", options: {a: Sáng sớm, b: Buổi chiều, c: Tối muộn}",
                SlotType::Number => ", min: 1, max: 100",
                SlotType::Phone if self.dice.once(3) => ", prefill: contact.phone",
                SlotType::Name if self.dice.once(3) => ", prefill: contact.name",
                SlotType::Address if self.dice.once(2) => ", need: [ward, province]",
                SlotType::Text if self.dice.once(3) => ", pattern: digits",
                _ => "",
            };
            let private = if self.private[at] { ", private: true" } else { "" };
            let _ = writeln!(self.text, "  s{at}: {{type: {name}, label: Mục {at}{more}{private}}}");
        }
    }

    fn step(&mut self, at: usize) -> String {
        match self.dice.of(24) {
            0..=11 => self.ask(at),
            12 | 13 => self.say(at),
            14 | 15 => self.confirm(at),
            16 | 17 => self.branch(at),
            18 => self.call(at),
            19 => self.run(),
            20 => ["wait: 10m", "wait: 96h", "wait: {until: \"09:00\"}", "wait: 3h"][self.dice.of(4)].to_owned(),
            21 if !self.asked.is_empty() => self.hand_off(),
            22 => {
                let next = if at + 1 < self.steps { format!("t{}", at + 1) } else { "het".to_owned() };
                let instead = self.below(at);
                match self.dice.of(2) {
                    0 => format!("person: cskh, say: \"Chờ ạ.\", return_to: {next}"),
                    _ => format!("person: cskh, return_to: {next}, if_unavailable: {instead}"),
                }
            }
            _ => self.say(at),
        }
    }

    fn ask(&mut self, at: usize) -> String {
        let slot = if self.dice.once(3) { self.dice.of(self.slots.len()) } else { self.asked.len() % self.slots.len() };
        let kind = self.slots[slot];
        let mut text = format!("ask: s{slot}, say: \"Hỏi {at} ạ?\"");
        if self.dice.once(3) {
            text.push_str(", when_known: \"Vẫn là {s} ạ?\"".replace("{s}", &format!("{{s{slot}}}")).as_str());
        }
        if self.dice.once(3) {
            text.push_str(", retry: [\"Chưa rõ {input} ạ.\"]");
        }
        if self.dice.once(3) {
            let _ = write!(text, ", give_up: {}", self.anywhere(at));
        }
        let way = self.dice.once(2);
        match kind {
            SlotType::YesNo | SlotType::Consent if way => {
                let _ = write!(text, ", if_no: {}", self.anywhere(at));
            }
            SlotType::Choice if way => {
                let _ = write!(text, ", choose: {{b: {}}}", self.anywhere(at));
            }
            _ => {}
        }
        if self.dice.once(8) {
            text.push_str(", interruptible: false");
        }
        if self.dice.once(8) {
            let _ = write!(text, ", silence: {{expire_after: 30h, then: {}}}", self.anywhere(at));
        }
        if self.dice.once(6) {
            let told = |kind: &SlotType| matches!(kind, SlotType::Number | SlotType::Date | SlotType::Email);
            if let Some(also) = self.slots.iter().position(told) {
                let _ = write!(text, ", also: [s{also}]");
            }
        }
        if self.dice.once(5) {
            text.push_str(", optional: true");
        } else {
            self.asked.push(slot);
        }
        text
    }

    fn say(&mut self, at: usize) -> String {
        let mut text = format!("say: \"Nói {at} ạ.\"");
        if !self.asked.is_empty() && self.dice.once(3) {
            let _ = write!(text, ", if: {}", self.condition());
        }
        if self.dice.once(4) {
            text.push_str(", buttons: [Vâng ạ, Xem thêm]");
        }
        text
    }

    fn confirm(&mut self, at: usize) -> String {
        let mut shown: Vec<usize> = self.asked.iter().copied().filter(|_| self.dice.of(3) > 0).collect();
        shown.sort_unstable();
        shown.dedup();
        if shown.is_empty() {
            return self.say(at);
        }
        let shown: Vec<String> = shown.iter().map(|slot| format!("s{slot}")).collect();
        let mut text = format!("confirm: [{}], say: \"Đúng chưa ạ:\"", shown.join(", "));
        if self.dice.once(3) {
            let _ = write!(text, ", give_up: {}", self.below(at));
        }
        if self.dice.once(4) {
            let _ = write!(text, ", if_yes: {}", self.below(at));
        }
        text
    }

    fn branch(&mut self, at: usize) -> String {
        if self.asked.is_empty() {
            return self.say(at);
        }
        let ways: Vec<String> = (0..1 + self.dice.of(2))
            .map(|_| format!("{{when: {}, go: {}}}", self.condition(), self.anywhere(at)))
            .collect();
        format!("branch: [{}]", ways.join(", "))
    }

    fn call(&mut self, at: usize) -> String {
        let kept = self.slots.iter().position(|kind| *kind == SlotType::Number);
        let save = kept.map_or_else(String::new, |slot| format!(", save: {{s{slot}: diem}}"));
        let failed = if self.dice.once(3) { self.below(at) } else { "nv".to_owned() };
        format!("call: crm{save}, say: \"Kiểm tra ạ.\", failed: {failed}")
    }

    fn run(&mut self) -> String {
        let with = self.asked.iter().find(|slot| self.slots[**slot] == SlotType::Phone);
        let with = with.map_or_else(String::new, |slot| format!(", with: {{may: s{slot}}}"));
        let save = self.slots.iter().position(|kind| *kind == SlotType::Phone);
        let save = save.map_or_else(String::new, |slot| format!(", save: {{s{slot}: may}}"));
        format!("run: con{with}{save}")
    }

    fn hand_off(&mut self) -> String {
        let shown: Vec<String> = self.asked.iter().take(2).map(|slot| format!("s{slot}")).collect();
        format!("handoff: advice, send: {{slots: [{}]}}", shown.join(", "))
    }

    /// A condition on something asked for before.
    fn condition(&mut self) -> String {
        let slot = self.asked[self.dice.of(self.asked.len())];
        match (self.slots[slot], self.dice.of(4)) {
            (SlotType::YesNo | SlotType::Consent, 0..=2) => format!("s{slot} is yes"),
            (SlotType::Choice, 0..=2) => format!("s{slot} is {}", ["a", "b"][self.dice.of(2)]),
            (SlotType::Number, 0..=2) => format!("s{slot} < {}", 5 + self.dice.of(10)),
            (_, 0 | 1) => format!("s{slot} is known"),
            (_, 2) => format!("s{slot} is missing"),
            _ => format!("not (s{slot} is known)"),
        }
    }

    /// A step that comes later.
    fn below(&mut self, at: usize) -> String {
        let later = self.steps - at - 1;
        match self.dice.of(later + 2) {
            0 => "het".to_owned(),
            1 => "nv".to_owned(),
            further => format!("t{}", at + further - 1),
        }
    }

    fn anywhere(&mut self, at: usize) -> String {
        if self.dice.once(4) { format!("t{}", self.dice.of(self.steps)) } else { self.below(at) }
    }
}

mod tests {
    use super::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    /// Otherwise the properties that use them would show little.
    #[test]
    fn a_good_share_of_the_random_flows_compiles() {
        let mut runner = TestRunner::deterministic();
        let good = (0..200).filter(|_| compiled(&texts().new_tree(&mut runner).unwrap().current()).is_some()).count();
        assert!(good >= 100, "{good} of 200");
    }
}

/// Some edits: what is done, and to which of the steps or slots.
pub(crate) fn edits() -> impl Strategy<Value = Vec<(u8, usize)>> {
    prop::collection::vec((0..7_u8, 0..20_usize), 1..4)
}

/// A random flow after edits, as an author makes them.
pub(crate) fn edited(text: &str, edits: &[(u8, usize)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut migrate = String::new();
    for (kind, which) in edits {
        let steps = lines.iter().position(|line| line == "steps:").unwrap() + 1;
        let slots = lines.iter().position(|line| line == "slots:").unwrap() + 2;
        let asks: Vec<usize> = (steps..lines.len()).filter(|at| lines[*at].contains("{ask: s")).collect();
        let at = asks.get(which % asks.len().max(1)).copied();
        match (kind, at) {
            (0, _) => lines.iter_mut().for_each(|line| *line = line.replace("Hỏi", "Xin hỏi")),
            (1, Some(at)) => drop(lines.remove(at)),
            (2, Some(at)) => {
                lines.insert(slots, "  moi: {type: yesno}".to_owned());
                lines.insert(at + 1, "  tm: {ask: moi, say: \"Mới không ạ?\"}".to_owned());
            }
            (3, Some(at)) => {
                let name = lines[at].trim().split(':').next().unwrap().to_owned();
                let renamed = |line: &String| line.replace(&format!("  {name}: "), "  tdoi: ");
                lines = lines.iter().map(renamed).map(|line| line.replace(&format!(": {name}}}"), ": tdoi}")).collect();
                migrate = format!("migrate: {{rename: {{{name}: tdoi}}}}\n");
            }
            (4, _) => {
                let kinds = ["type: number, min: 1, max: 100", "type: email", "type: yesno", "type: phone"];
                let slot = slots + which % (steps - 1 - slots).max(1);
                let name = lines[slot].split(':').next().unwrap().to_owned();
                lines[slot] = format!("{name}: {{{}, label: Khác}}", kinds[which % kinds.len()]);
            }
            (5, _) => lines.iter_mut().for_each(|line| *line = line.replace("c: Tối muộn", "d: Nửa đêm")),
            (6, Some(at)) if at + 1 < lines.len() => lines.swap(at, at + 1),
            _ => {}
        }
    }
    migrate + &lines.join("\n") + "\n"
}
