//! What each operation does to a text, and to a list of texts.

use super::{Case, Kind, MAX_PAD, Operation, Pattern, Side, What};
use crate::expression::{MAX_TEXT_BYTES, Scope};
use crate::failure::Failure;
use crate::steps::room::too_many;
use crate::steps::{MAX_ITEMS, accents};
use serde_json::Value;

/// What the operations have made so far.
pub(super) enum Work {
    Text(String),
    List(Vec<String>),
    Counted(Value),
}

impl Work {
    /// Work on `text` begins.
    ///
    /// # Errors
    /// `RUN-0114` when the text is too long.
    pub(super) fn on(text: String) -> Result<Self, Failure> {
        bounded(text).map(Self::Text)
    }

    /// For the output of the step.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::List(parts) => parts.into(),
            Self::Counted(value) => value,
        }
    }
}

impl Operation {
    /// Applies it to a text, or to every part of a list.
    ///
    /// # Errors
    /// `RUN-0114` when the text becomes too long, `RUN-0111` when there are too many parts.
    pub(super) fn applied(&self, scope: &Scope, work: Work) -> Result<Work, Failure> {
        let given = Given {
            find: self.find.text(scope)?,
            with: self.with.text(scope)?,
            separator: self.separator.text(scope)?,
            fill: self.fill.text(scope)?,
        };
        match work {
            Work::Text(text) => self.to_text(&given, text),
            Work::List(parts) if self.operation == Kind::Join => {
                let length = parts.iter().map(|part| part.len() + given.separator.len()).sum();
                fits(length)?;
                Ok(Work::Text(parts.join(&given.separator)))
            }
            Work::List(parts) => self.to_list(&given, parts),
            Work::Counted(value) => Ok(Work::Counted(value)),
        }
    }

    fn to_list(&self, given: &Given, parts: Vec<String>) -> Result<Work, Failure> {
        let (mut texts, mut counted, mut bytes) = (Vec::new(), Vec::new(), 0);
        for part in parts {
            let made = match self.to_text(given, part)? {
                Work::Text(text) => vec![text],
                Work::List(parts) => parts,
                Work::Counted(value) => {
                    counted.push(value);
                    continue;
                }
            };
            bytes += made.iter().map(String::len).sum::<usize>();
            fits(bytes)?;
            texts.extend(made);
            if texts.len() > MAX_ITEMS {
                return Err(too_many(texts.len()));
            }
        }
        Ok(if self.operation.gives_number() { Work::Counted(counted.into()) } else { Work::List(texts) })
    }

    fn to_text(&self, given: &Given, text: String) -> Result<Work, Failure> {
        Ok(Work::Text(match self.operation {
            Kind::Trim => text.trim().to_owned(),
            Kind::CollapseSpaces => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Kind::Case => self.case.of(&text),
            Kind::Slug => slug(&text),
            Kind::RemoveAccents => accents::removed(&text),
            Kind::Replace => replaced(&text, &given.find, &given.with)?,
            Kind::ReplacePattern => self.pattern.replaced(&text, &given.with)?,
            Kind::Extract if self.all => return self.pattern.all(&text).map(Work::List),
            Kind::Extract => self.pattern.first(&text).to_owned(),
            Kind::Split => return parts(&text, &given.separator).map(Work::List),
            Kind::Join => text,
            Kind::Substring => self.part(&text),
            Kind::Truncate => self.shortened(&text),
            Kind::Pad => self.padded(text, &given.fill),
            Kind::Find => return Ok(Work::Counted(position(&text, &given.find))),
            Kind::Count => return Ok(Work::Counted(self.what.count(&text).into())),
        }))
        .and_then(|work| match work {
            Work::Text(text) => bounded(text).map(Work::Text),
            other => Ok(other),
        })
    }

    fn part(&self, text: &str) -> String {
        let skipped = match usize::try_from(self.from) {
            Ok(from) => from.saturating_sub(1),
            Err(_) => {
                let from_end = usize::try_from(self.from.unsigned_abs()).unwrap_or(usize::MAX);
                text.chars().count().saturating_sub(from_end)
            }
        };
        let taken = if self.length == 0 { usize::MAX } else { self.length as usize };
        text.chars().skip(skipped).take(taken).collect()
    }

    fn shortened(&self, text: &str) -> String {
        let mut words = text.split_whitespace();
        let kept: Vec<&str> = words.by_ref().take(self.length as usize).collect();
        let ellipsis = if words.next().is_some() { "…" } else { "" };
        format!("{}{ellipsis}", kept.join(" ").trim_end_matches([',', ';', ':']))
    }

    fn padded(&self, text: String, fill: &str) -> String {
        let fill = if fill.is_empty() { " " } else { fill };
        let missing = (self.length.min(MAX_PAD) as usize).saturating_sub(text.chars().count());
        let filling: String = fill.chars().cycle().take(missing).collect();
        match self.side {
            Side::Start => filling + &text,
            Side::End => text + &filling,
        }
    }
}

/// The texts of an operation with their expressions computed.
struct Given {
    find: String,
    with: String,
    separator: String,
    fill: String,
}

impl Case {
    fn of(self, text: &str) -> String {
        let mut starts = true;
        let mut cased = String::with_capacity(text.len());
        match self {
            Self::Lower => return text.to_lowercase(),
            Self::Upper => return text.to_uppercase(),
            Self::Title | Self::Sentence => {}
        }
        for c in text.chars() {
            if starts && c.is_alphanumeric() {
                cased.extend(c.to_uppercase());
                starts = false;
            } else {
                cased.extend(c.to_lowercase());
                starts |= self == Self::Title && (c.is_whitespace() || c == '-' || c == '/');
            }
        }
        cased
    }
}

impl What {
    fn count(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Words => text.split_whitespace().count(),
            Self::Lines => text.lines().count(),
        }
    }
}

impl Pattern {
    fn first<'t>(&self, text: &'t str) -> &'t str {
        let found = self.0.as_ref().and_then(|regex| regex.captures(text));
        found.and_then(|found| found.get(1).or_else(|| found.get(0))).map_or("", |part| part.as_str())
    }

    fn all(&self, text: &str) -> Result<Vec<String>, Failure> {
        let found = self.0.iter().flat_map(|regex| regex.captures_iter(text));
        let parts = found.filter_map(|found| found.get(1).or_else(|| found.get(0)));
        few(parts.map(|part| part.as_str().to_owned()))
    }

    fn replaced(&self, text: &str, with: &str) -> Result<String, Failure> {
        let Some(regex) = &self.0 else { return Ok(text.to_owned()) };
        let (mut made, mut at) = (String::with_capacity(text.len()), 0);
        for found in regex.captures_iter(text) {
            let whole = found.get(0).expect("group 0 is the whole match");
            made.push_str(&text[at..whole.start()]);
            found.expand(with, &mut made);
            fits(made.len())?;
            at = whole.end();
        }
        made.push_str(&text[at..]);
        Ok(made)
    }
}

fn replaced(text: &str, find: &str, with: &str) -> Result<String, Failure> {
    if find.is_empty() {
        return Ok(text.to_owned());
    }
    fits(text.len() + text.matches(find).count().saturating_mul(with.len().saturating_sub(find.len())))?;
    Ok(text.replace(find, with))
}

fn parts(text: &str, separator: &str) -> Result<Vec<String>, Failure> {
    if separator.is_empty() {
        return few(text.split_whitespace().map(str::to_owned));
    }
    // Nothing has no parts; one empty part would be no help to anybody.
    few(text.split(separator).filter(|_| !text.is_empty()).map(str::to_owned))
}

/// At most as many parts as a list may have.
fn few(parts: impl Iterator<Item = String>) -> Result<Vec<String>, Failure> {
    let parts: Vec<String> = parts.take(MAX_ITEMS + 1).collect();
    if parts.len() > MAX_ITEMS { Err(too_many(parts.len())) } else { Ok(parts) }
}

fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in accents::removed(text).to_lowercase().chars() {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(c, '\'' | '’') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The position of `find` in characters, counted from 1.
fn position(text: &str, find: &str) -> Value {
    let at = (!find.is_empty()).then(|| text.find(find)).flatten();
    at.map_or(Value::Null, |at| (text[..at].chars().count() + 1).into())
}

fn bounded(text: String) -> Result<String, Failure> {
    fits(text.len()).map(|()| text)
}

fn fits(bytes: usize) -> Result<(), Failure> {
    if bytes <= MAX_TEXT_BYTES {
        return Ok(());
    }
    Err(Failure::bad_input(
        "RUN-0114",
        format!("the text has or would have more than {} MB", MAX_TEXT_BYTES / (1024 * 1024)),
        "Work on a part of it, or replace with something shorter.",
    ))
}
