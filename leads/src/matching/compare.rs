//! How alike two company names are, 0 to 1.
//!
//! Words are paired, the most telling first; each pair counts by how alike its words are, by what sort of words they
//! are, and by how rare they are among the accounts. What is left over on either side counts against the match. Words
//! that were written together or apart, abbreviations and initials are seen through.

use super::name::{Name, Word};
use super::words::Class;

/// Least likeness of two words that are paired.
const ALIKE: f64 = 0.72;
/// Likeness of two words that sound alike.
const SOUNDS_ALIKE: f64 = 0.88;
/// Likeness of an abbreviation and its word.
const SHORTENED: f64 = 0.9;
/// Likeness of a word that was found within a longer one.
const WITHIN: f64 = 0.85;
/// Most words written as one that are seen through.
const SPAN: usize = 3;

/// How alike two names are, and by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// 0 to 1.
    pub score: f64,
    /// The words they share, as the first name has them, the most telling first.
    pub shared: Vec<String>,
    /// Whether they are the same but for legal forms, spelling of trades, and words that say nothing.
    pub is_same: bool,
    /// Whether one is the initials of the other.
    pub is_initials: bool,
}

/// Compares `asked`, as somebody wrote it, with the name of an account. `rarity` says of a word, 0 to 1, how few
/// accounts have it; 1 for a word that is nowhere else.
pub(crate) fn compare(asked: &Name, account: &Name, rarity: impl Fn(&str) -> f64) -> Likeness {
    let weigh = |word: &Word| word.weight * rarity(&word.text);
    let left: Vec<f64> = asked.words.iter().map(weigh).collect();
    let right: Vec<f64> = account.words.iter().map(weigh).collect();
    let mut pairs = pairs(&asked.words, &account.words, &left, &right);
    pairs.sort_by(|a, b| {
        (b.value, a.left.start, a.right.start)
            .partial_cmp(&(a.value, b.left.start, b.right.start))
            .expect("likenesses are numbers")
    });
    let mut met = Met { left: vec![0.0; left.len()], right: vec![0.0; right.len()] };
    let mut shared: Vec<(f64, String)> = Vec::new();
    let mut is_telling = false;
    for pair in pairs {
        let (from, to) = (pair.left.clone(), pair.right.clone());
        if met.left[from.clone()].iter().chain(&met.right[to.clone()]).any(|met| *met > 0.0) {
            continue;
        }
        met.left[from.clone()].fill(pair.alike);
        met.right[to.clone()].fill(pair.alike);
        let words = &asked.words[from.clone()];
        is_telling |= words.iter().any(|word| word.class == Class::Core)
            && account.words[to].iter().any(|word| word.class == Class::Core);
        let text = words.iter().map(|word| word.written.as_str()).collect::<Vec<_>>().join(" ");
        shared.push((left[from].iter().sum(), text));
    }
    within(&asked.words, &account.words, &mut met, &mut is_telling, &mut shared, &left);
    let (asked_met, account_met) = (covered(&left, &met.left), covered(&right, &met.right));
    let both = asked_met + account_met;
    let mut score = if both > 0.0 { 2.0 * asked_met * account_met / both } else { 0.0 };
    if !is_telling && (asked.is_telling() || account.is_telling()) {
        // They share a trade or a place, which says next to nothing.
        score *= 0.45;
    }
    if !asked.is_telling() && !account.is_telling() && asked.joined != account.joined {
        // `Bank of America` and `American Bank` share every word and are two.
        score *= 0.85;
    }
    let is_initials = score < 0.7 && (stands_for(asked, account) || stands_for(account, asked));
    if is_initials {
        score = score.max(0.7);
    }
    let is_same = (asked.joined == account.joined) || score > 0.985;
    if is_same {
        score = 1.0;
    }
    shared.sort_by(|a, b| b.0.total_cmp(&a.0));
    let shared = shared.into_iter().map(|(_, text)| text).collect();
    Likeness { score, shared, is_same, is_initials }
}

/// How much of each word has been met.
struct Met {
    left: Vec<f64>,
    right: Vec<f64>,
}

/// Words of either side that may mean the same.
struct Pair {
    left: std::ops::Range<usize>,
    right: std::ops::Range<usize>,
    alike: f64,
    value: f64,
}

fn covered(weights: &[f64], met: &[f64]) -> f64 {
    let all: f64 = weights.iter().sum();
    let covered: f64 = weights.iter().zip(met).map(|(weight, met)| weight * met).sum();
    if all > 0.0 { covered / all } else { 0.0 }
}

fn pairs(left: &[Word], right: &[Word], left_weights: &[f64], right_weights: &[f64]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut add = |from: std::ops::Range<usize>, to: std::ops::Range<usize>, alike: f64| {
        let weight: f64 = left_weights[from.clone()].iter().chain(&right_weights[to.clone()]).sum();
        pairs.push(Pair { value: alike * alike * weight, left: from, right: to, alike });
    };
    for (i, one) in left.iter().enumerate() {
        for (j, other) in right.iter().enumerate() {
            if let Some(alike) = alike(one, other) {
                add(i..i + 1, j..j + 1, alike);
            }
        }
    }
    for length in 2..=SPAN {
        for (i, span) in left.windows(length).enumerate() {
            let joined = joined(span);
            for (j, other) in right.iter().enumerate() {
                if let Some(alike) = alike_joined(&joined, &other.written) {
                    add(i..i + length, j..j + 1, alike);
                }
            }
        }
        for (j, span) in right.windows(length).enumerate() {
            let joined = joined(span);
            for (i, one) in left.iter().enumerate() {
                if let Some(alike) = alike_joined(&joined, &one.written) {
                    add(i..i + 1, j..j + length, alike);
                }
            }
        }
    }
    pairs
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.written.as_str()).collect()
}

/// Whether words written together are the one word `other`.
fn alike_joined(joined: &str, other: &str) -> Option<f64> {
    if joined == other {
        return Some(0.97);
    }
    if joined.len() < 6 || joined.as_bytes()[0] != other.as_bytes()[0] {
        return None;
    }
    let alike = likeness(joined, other);
    (alike >= 0.85).then_some(alike * 0.97)
}

/// How alike two words are; `None` when they are different words.
fn alike(one: &Word, other: &Word) -> Option<f64> {
    if one.text == other.text {
        return Some(if one.written == other.written { 1.0 } else { 0.98 });
    }
    if one.class == Class::Filler || other.class == Class::Filler {
        return None;
    }
    let (a, b) = (one.written.as_str(), other.written.as_str());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 3 {
        return None;
    }
    let mut best = 0.0_f64;
    if short.len() >= 4 && long.len() >= short.len() + 2 && long.starts_with(short) {
        best = SHORTENED;
    } else if short.len() == 3 && long.len() >= 6 && long.starts_with(short) {
        best = 0.75;
    } else if long.len() == short.len() + 1 && long.ends_with('s') && long.starts_with(short) {
        best = 0.96;
    }
    if !one.sound.is_empty() && one.sound == other.sound && one.sound.len() >= 3 {
        best = best.max(SOUNDS_ALIKE);
    }
    if short.len() >= 4 {
        best = best.max(likeness(a, b));
    }
    (best >= ALIKE).then_some(best)
}

/// Finds words of one side within a long word of the other: `HUNTERDOUGLASINDUSTRIES`.
fn within(
    asked: &[Word],
    account: &[Word],
    met: &mut Met,
    is_telling: &mut bool,
    shared: &mut Vec<(f64, String)>,
    weights: &[f64],
) {
    for (i, long) in asked.iter().enumerate() {
        if met.left[i] > 0.0 || long.written.len() < 8 {
            continue;
        }
        let mut found = 0;
        for (j, word) in account.iter().enumerate() {
            if met.right[j] == 0.0 && word.written.len() >= 4 && long.written.contains(&word.written) {
                met.right[j] = WITHIN;
                found += word.written.len();
                *is_telling |= word.class == Class::Core;
            }
        }
        if found > 0 {
            met.left[i] = WITHIN * share(found, long.written.len());
            shared.push((weights[i], long.written.clone()));
        }
    }
    for (j, long) in account.iter().enumerate() {
        if met.right[j] > 0.0 || long.written.len() < 8 {
            continue;
        }
        let mut found = 0;
        for (i, word) in asked.iter().enumerate() {
            if met.left[i] == 0.0 && word.written.len() >= 4 && long.written.contains(&word.written) {
                met.left[i] = WITHIN;
                found += word.written.len();
                *is_telling |= word.class == Class::Core;
                shared.push((weights[i], word.written.clone()));
            }
        }
        if found > 0 {
            met.right[j] = WITHIN * share(found, long.written.len());
        }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    (part as f64 / whole as f64).min(1.0)
}

/// Whether `short` is the initials of `long`: `ABB` of `Asea Brown Boveri`.
fn stands_for(short: &Name, long: &Name) -> bool {
    let mut told = short.words.iter().filter(|word| word.class == Class::Core);
    let (Some(word), None) = (told.next(), told.next()) else { return false };
    let letters = word.written.chars().count();
    (3..=6).contains(&letters) && long.initials.as_deref() == Some(word.written.as_str())
}

/// Likeness of two texts: 1 less the share of letters that have to be changed, added, left out or swapped with their
/// neighbour (optimal string alignment).
pub(crate) fn likeness(one: &str, other: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 1.0;
    }
    // More letters apart than any pair of words may be.
    if a.len().abs_diff(b.len()) * 3 > longest {
        return 0.0;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut now = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(now[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            now[j] = best;
        }
        before = std::mem::replace(&mut last, now);
    }
    1.0 - last[b.len()] as f64 / longest as f64
}
