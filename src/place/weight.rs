//! What speaks for and against a reading of an address, in points.
//!
//! Scores are sums of these; they were set by measuring, compare with one another only, and mean nothing outside
//! [`super::hit`], [`super::score`] and [`super::resolve`].

/// The points; each speaks for a reading when positive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    /// A ward is named.
    pub(super) ward: f32,
    /// The old district that an old ward lay in is named.
    pub(super) district: f32,
    /// The old district on whose land a commune in force lies is named.
    pub(super) old_district_of_new_ward: f32,
    /// A district is named, and no ward.
    pub(super) district_alone: f32,
    /// The province of the unit's own period is named.
    pub(super) province: f32,
    /// A province is named that the unit never lay in by that name, but lies in today or lay in before.
    pub(super) province_renamed: f32,
    /// The same of a commune in force, by a province that was abolished before there was one of that name.
    pub(super) province_abolished: f32,
    /// A province is named, and nothing else.
    pub(super) province_alone: f32,
    /// A commune in force is named, without any old district.
    pub(super) in_force: f32,
    /// The same in a province that is known.
    pub(super) in_force_as_asked: f32,
    /// An old ward is named without its district.
    pub(super) old_ward_without_district: f32,
    /// It was abolished before the reform.
    pub(super) historic: f32,
    /// Nobody knows what it became.
    pub(super) without_successor: f32,
    /// It lies where the hint says.
    pub(super) hint: f32,
    /// It lay in the old district of the hint.
    pub(super) hint_district: f32,
    /// It is the commune of the hint, or was part of it.
    pub(super) hint_ward: f32,
    /// It lies elsewhere.
    pub(super) against_hint: f32,
    /// The type word before the name is the unit's.
    pub(super) same_type: f32,
    /// It is another of the same level.
    pub(super) similar_type: f32,
    /// It is one of another level.
    pub(super) wrong_type: f32,
    /// A letter is wrong.
    pub(super) slip: f32,
    /// Letters beyond the fifth, when one is wrong, at most eight: a long name is less likely to be another.
    pub(super) slip_length: f32,
    /// The accents are the name's.
    pub(super) right_accents: f32,
    /// Accents are missing in a text that bears some.
    pub(super) lacking_accents: f32,
    /// Accents are wrong.
    pub(super) wrong_accents: f32,
    /// A former name, or one that the unit also goes by.
    pub(super) other_name: f32,
    /// The name is cut to first letters and the last word.
    pub(super) clipped: f32,
    /// The name is cut to its initials.
    pub(super) initials: f32,
    /// `đường`, `ngõ`, `thôn` stand before the name.
    pub(super) after_street_word: f32,
    /// A house number stands before the name.
    pub(super) after_number: f32,
    /// Either, or it is a province's name too, and no district is named: a street, or the province. Also a district
    /// behind a house number where the province is named: `120 Cầu Giấy, Hà Nội`.
    pub(super) like_a_street: f32,
    /// The name may be any words of a sentence or of a street, and no district is named.
    pub(super) like_talk: f32,
    /// The name is all that stands between two commas.
    pub(super) fills_part: f32,
    /// Two units stand side by side.
    pub(super) touching: f32,
    /// A word stands between two units, at most six.
    pub(super) gap: f32,
    /// A coarser unit stands before a finer one.
    pub(super) out_of_order: f32,
    /// Another word follows a name in its part, which may belong to a longer name.
    pub(super) runs_on: f32,
    /// Words without a number or a street word stand around a lone name without a type word: talk, not an address.
    pub(super) talk: f32,
    /// A province alone that is one word behind other words: "nguyen hue" is hardly in Huế.
    pub(super) one_word_of_a_name: f32,
    /// The same with two words.
    pub(super) two_words_of_a_name: f32,
    /// A word is accounted for.
    pub(super) covered: f32,
    /// A word stands behind the last unit, at most five.
    pub(super) tail: f32,
    /// A type word with a known name that the reading does not account for.
    pub(super) unexplained: f32,
    /// A type word with some name that the reading does not account for.
    pub(super) unexplained_type_word: f32,
    /// What a reading must be worth to be one.
    pub(super) least: f32,
    /// What a reading must be worth to be more than a guess.
    pub(super) sure: f32,
    /// By how much the best reading must beat the next one to be taken without asking.
    pub(super) margin: f32,
    /// The same where one is a commune in force and the other an old ward of that name, and something tells them
    /// apart.
    pub(super) margin_old_or_new: f32,
    /// The same where nothing does.
    pub(super) margin_same_name: f32,
    /// Readings this far behind the best are not worth showing.
    pub(super) shown: f32,
    /// Readings this far behind the best do not contradict it.
    pub(super) shown_between: f32,
}

/// The points in use.
pub(super) static WEIGHTS: Weights = Weights {
    ward: 2.0,
    district: 3.0,
    old_district_of_new_ward: 1.5,
    district_alone: 1.2,
    province: 3.2,
    province_renamed: 2.1,
    province_abolished: 0.4,
    province_alone: 0.8,
    in_force: 0.5,
    in_force_as_asked: 2.0,
    old_ward_without_district: -0.2,
    historic: -0.2,
    without_successor: -1.0,
    hint: 2.0,
    hint_district: 3.0,
    hint_ward: 2.5,
    against_hint: -0.5,
    same_type: 1.1,
    similar_type: -0.8,
    wrong_type: -2.0,
    slip: -1.7,
    slip_length: 0.0,
    right_accents: 1.4,
    lacking_accents: -0.1,
    wrong_accents: -2.2,
    other_name: -0.5,
    clipped: -1.6,
    initials: -1.6,
    after_street_word: -2.0,
    after_number: -0.4,
    like_a_street: -6.0,
    like_talk: -3.5,
    fills_part: 2.0,
    touching: 0.6,
    gap: -2.0,
    out_of_order: -3.5,
    runs_on: -0.1,
    talk: -3.0,
    one_word_of_a_name: -2.5,
    two_words_of_a_name: -0.8,
    covered: 0.9,
    tail: -0.5,
    unexplained: -0.8,
    unexplained_type_word: -0.7,
    least: 1.2,
    sure: 3.5,
    margin: 1.0,
    margin_old_or_new: 2.0,
    margin_same_name: 4.0,
    shown: 6.0,
    shown_between: 4.0,
};
