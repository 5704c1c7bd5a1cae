//! Ways to break a flow file, always the same ones: no clock, no chance, a small generator of its own.

use std::fmt::Write as _;

/// A flow file that was broken.
pub(crate) struct Variant {
    /// How.
    pub(crate) name: String,
    /// What is left of it.
    pub(crate) text: String,
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// Every broken variant of a good flow file, several hundred of them.
pub(crate) fn variants(good: &str) -> Vec<Variant> {
    let mut all = hostile(good);
    all.extend(slips(good));
    let mut dice = Dice(2026);
    for round in 0..40 {
        all.extend(
            accidents(good, &mut dice)
                .into_iter()
                .map(|(name, text)| Variant { name: format!("{name} {round}"), text }),
        );
    }
    all
}

/// Files that somebody made to hurt.
fn hostile(good: &str) -> Vec<Variant> {
    let mut many_steps = String::from("flow: a\nsteps:\n");
    for ix in 0..100_000 {
        writeln!(many_steps, "  b{ix}: {{say: a}}").expect("writing to a string");
    }
    let wide: String = (0..30_000).map(|ix| format!("k{ix}: v\n")).collect();
    let anchors: String = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, ix| {
        let before = ix - 1;
        text + &format!("a{ix}: &a{ix} [*a{before}, *a{before}]\n")
    });
    let named = |name: &str, text: String| Variant { name: name.to_owned(), text };
    vec![
        named("ten megabytes", good.to_owned() + &"# chú thích\n".repeat(10 * (1 << 20) / 14)),
        named("ten megabytes in one line", format!("flow: \"{}\"\n", "x".repeat(10 << 20))),
        named("a hundred thousand steps", many_steps),
        named("deep lists", format!("flow: {}", "[".repeat(100_000))),
        named("deep maps", format!("flow: {}", "{a: ".repeat(50_000))),
        named("deep blocks", (0..400).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        named("billion laughs", anchors),
        named("wide", wide),
        named("only controls", "\u{1}".repeat(10_000)),
        named("only braces", "{".repeat(100_000)),
        named("nothing", String::new()),
        named("only a comment", "# chưa viết gì\n".to_owned()),
        named("a list", "- a\n- b\n".to_owned()),
        named("words", "kịch bản đổi sim\n".to_owned()),
        named("two documents", format!("{good}---\n{good}")),
    ]
}

/// What fingers do: each slip at every place where it can be made.
fn slips(good: &str) -> Vec<Variant> {
    const SLIPS: [(&str, &str); 24] = [
        ("ask:", "akk:"),
        ("say:", "sya:"),
        ("confirm:", "comfirm:"),
        ("handoff:", "hand_off:"),
        ("end:", "ned:"),
        ("person:", "persons:"),
        ("if_no:", "ifno:"),
        ("give_up:", "giveup:"),
        ("retry:", "retries_:"),
        ("type: phone", "type: phoen"),
        ("type: address", "type: [address]"),
        ("type: yesno", "type: {a: yesno}"),
        ("type: choice", "type:"),
        ("private: true", "private: vâng"),
        ("if_no: ", "if_no: khong_co_"),
        ("give_up: ", "give_up: &x "),
        ("ask: ", "ask: *x "),
        ("say: \"", "say: !!str \""),
        ("say: \"", "say: \"{"),
        ("say: \"", "say: "),
        ("say: \"", "say: [], x: \""),
        ("\n    say: ", "\n\tsay: "),
        ("\n    say: ", "\n   say: "),
        ("\n    ask: ", "\n    <<: "),
    ];
    let mut all = Vec::new();
    for (from, to) in SLIPS {
        for (count, (at, _)) in good.match_indices(from).enumerate().take(8) {
            let text = format!("{}{to}{}", &good[..at], &good[at + from.len()..]);
            all.push(Variant { name: format!("{from:?} as {to:?}, place {count}"), text });
        }
    }
    all
}

/// What disks, editors and merges do, at a place that the dice choose.
fn accidents(good: &str, dice: &mut Dice) -> Vec<(&'static str, String)> {
    let chars: Vec<char> = good.chars().collect();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let at = dice.below(chars.len());
    let line = dice.below(lines.len());
    let insert = |what: &str| -> String {
        chars[..at].iter().copied().chain(what.chars()).chain(chars[at..].iter().copied()).collect()
    };
    let with_line = |changed: String| -> String {
        lines.iter().enumerate().map(|(ix, old)| if ix == line { changed.clone() } else { (*old).to_owned() }).collect()
    };
    vec![
        ("cut off", chars[..at].iter().collect()),
        ("a control character", insert("\u{7}")),
        ("an unknown mark", insert("\u{301}\u{0}")),
        ("a bracket", insert("]")),
        ("a quote", insert("\"")),
        ("a tab", with_line(format!("\t{}", lines[line]))),
        ("a line further in", with_line(format!(" {}", lines[line]))),
        ("a line gone", with_line(String::new())),
        ("a line twice", with_line(lines[line].repeat(2))),
        ("marks of a merge", with_line(format!("<<<<<<< HEAD\n{}", lines[line]))),
        ("a key decomposed twice", with_line(format!("{0}{1}", lines[line], decomposed(lines[line])))),
        ("lines swapped", {
            let other = dice.below(lines.len());
            let mut lines = lines.clone();
            lines.swap(line, other);
            lines.concat()
        }),
    ]
}

/// The same line with its `ã`, `ạ` and the like in two characters, so that only reading it in NFC shows
/// that a key is there twice.
fn decomposed(line: &str) -> String {
    line.replace('ã', "a\u{303}").replace('ạ', "a\u{323}").replace('ố', "o\u{302}\u{301}")
}
