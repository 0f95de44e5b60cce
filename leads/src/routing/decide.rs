//! One decision, from what comes before the rows of a table to its fallback.

use super::decision::{Decision, PassedRow, Source};
use super::table::{Ready, Row, Target};
use super::turn::Deal;
use crate::failures;
use crate::pool::Owner;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use uuid::Uuid;

/// What a decision has to look up and to move on. The real one is the book of a transaction; a simulation has its own.
pub trait Desk {
    /// The owner called `asked`; `None` for nobody.
    ///
    /// # Errors
    /// When that is not known.
    fn owner(&self, asked: &str) -> Result<Option<Arc<Owner>>, Failure>;

    /// Gives a turn to the team called `asked`, as [`Pool::of_team`](crate::Pool::of_team) says; `None` when nobody
    /// belongs to it.
    ///
    /// # Errors
    /// When it is not known.
    fn team(&mut self, asked: &str, turn: &Subject<'_>) -> Result<Option<Dealt>, Failure>;

    /// Deals a turn of the pool called `asked`, and names it with its own fallback; `None` for no such pool.
    ///
    /// # Errors
    /// When it is not known.
    fn deal(&mut self, asked: &str, turn: &Subject<'_>) -> Result<Option<Dealt>, Failure>;
}

/// A turn of a pool.
#[derive(Debug, Clone)]
pub struct Dealt {
    /// The pool's name.
    pub pool: String,
    /// Whom its rules name for leads that no member can take.
    pub fallback: Option<String>,
    /// What came of the turn.
    pub deal: Deal,
    /// Who was chosen, in words for the sentence: `weight 2 of 4, 23 assigned so far`.
    pub how: String,
    /// Who was chosen.
    pub owner: Option<Arc<Owner>>,
}

/// The lead that looks for an owner.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// Its record, with its account under `account`.
    pub record: &'a Value,
    /// The moment.
    pub at: DateTime<Utc>,
    /// Who owns it now.
    pub owner: Option<Arc<Owner>>,
    /// The name and the owner of its account.
    pub account_owner: Option<(String, Arc<Owner>)>,
    /// Who owns the latest other lead of its account.
    pub same_account: Option<Arc<Owner>>,
    /// Owners who are not to get it.
    pub except: &'a [Uuid],
}

/// Where a lead goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// To this owner.
    Owner(Arc<Owner>),
    /// It has this owner and stays with them.
    Kept(Arc<Owner>),
    /// Onto the list of this name.
    List(String),
}

/// Decides where `subject` goes by `table`, which people call `name`; an empty name is a table that nobody wrote, such as
/// a single pool.
///
/// # Errors
/// When something is not known, a pool that a row names does not exist (`LEAD-0005`), nobody belongs to a team that a row
/// names (`ROUTE-0100`), or nobody at all can take the lead (`LEAD-0004`).
pub fn decide(
    table: &Ready,
    name: &str,
    version: Option<i64>,
    subject: &Subject<'_>,
    desk: &mut dyn Desk,
) -> Result<(Verdict, Decision), Failure> {
    let mut case = Case {
        table,
        decision: Decision {
            sentence: String::new(),
            source: Source::Fallback,
            table: name.to_owned(),
            version,
            row: None,
            asked: Vec::new(),
            passed: Vec::new(),
            pool: None,
            team: None,
            candidates: Vec::new(),
        },
    };
    let verdict = case.first(subject).map_or_else(|| case.by_rows(subject, desk), Ok)?;
    Ok((verdict, case.decision))
}

struct Case<'a> {
    table: &'a Ready,
    decision: Decision,
}

impl Case<'_> {
    /// What comes before the rows.
    fn first(&mut self, subject: &Subject<'_>) -> Option<Verdict> {
        let first = self.table.table.first;
        let may = |owner: &Arc<Owner>| !subject.except.contains(&owner.id);
        if first.keep_owner
            && let Some(owner) = subject.owner.as_ref().filter(|owner| may(owner))
        {
            self.settle(Source::Kept, format!("{} owns this lead already and keeps it.", owner.name));
            return Some(Verdict::Kept(Arc::clone(owner)));
        }
        if first.account_owner {
            match &subject.account_owner {
                Some((account, owner)) if may(owner) => {
                    self.settle(Source::AccountOwner, format!("{} owns the account {account}.", owner.name));
                    return Some(Verdict::Owner(Arc::clone(owner)));
                }
                _ => self.pass(0, "its account has no owner"),
            }
        }
        if first.same_account {
            match &subject.same_account {
                Some(owner) if may(owner) => {
                    let why = format!("{} owns the latest other lead of its account.", owner.name);
                    self.settle(Source::SameAccount, why);
                    return Some(Verdict::Owner(Arc::clone(owner)));
                }
                _ => self.pass(0, "no other lead of its account has an owner"),
            }
        }
        None
    }

    fn by_rows(&mut self, subject: &Subject<'_>, desk: &mut dyn Desk) -> Result<Verdict, Failure> {
        let mut from = 0;
        while let Some(place) = self.table.find(subject.record, from, &mut self.decision.passed) {
            from = place + 1;
            let row = &self.table.table.rows[place];
            match &row.to {
                Target::AccountOwner => match &subject.account_owner {
                    Some((account, owner)) if !subject.except.contains(&owner.id) => {
                        let why = self.led(row, place, &format!("{} owns the account {account}", owner.name));
                        self.settle(Source::AccountOwner, why);
                        return Ok(Verdict::Owner(Arc::clone(owner)));
                    }
                    _ => self.pass(place + 1, "its account has no owner"),
                },
                Target::List { name } => {
                    let why = self.led(row, place, &format!("it is put on the list {}", name.trim()));
                    self.settle(Source::List, why);
                    return Ok(Verdict::List(name.trim().to_owned()));
                }
                Target::Owner { name } => {
                    let owner =
                        desk.owner(name.trim())?.ok_or_else(|| failures::no_such_owner(name.trim()))?;
                    if subject.except.contains(&owner.id) {
                        self.pass(place + 1, "its owner had the lead and is not to get it again");
                        continue;
                    }
                    let why = self.led(row, place, &format!("{} takes such leads", owner.name));
                    self.settle(Source::Owner, why);
                    return Ok(Verdict::Owner(owner));
                }
                Target::Pool { name } => {
                    let dealt = desk.deal(name.trim(), subject)?;
                    let dealt = dealt.ok_or_else(|| failures::no_such_pool(name.trim()))?;
                    self.decision.pool = Some(dealt.pool.clone());
                    return self.by_turn(row, place, "pool", dealt, desk);
                }
                Target::Team { name } => {
                    let dealt = desk.team(name.trim(), subject)?;
                    let dealt = dealt.ok_or_else(|| failures::no_such_team(name.trim()))?;
                    self.decision.team = Some(dealt.pool.clone());
                    return self.by_turn(row, place, "team", dealt, desk);
                }
            }
        }
        let why = "No row of the table takes this lead".to_owned();
        self.fall_back(&self.table.table.fallback, &why, &self.decision.table.clone(), desk)
    }

    fn by_turn(
        &mut self,
        row: &Row,
        place: usize,
        of: &str,
        dealt: Dealt,
        desk: &mut dyn Desk,
    ) -> Result<Verdict, Failure> {
        self.decision.candidates.clone_from(&dealt.deal.candidates);
        let Some(owner) = dealt.owner else {
            let takes_part = dealt.deal.candidates.iter().any(|one| one.is_in());
            let can = if takes_part { "can take it now" } else { "takes part" };
            let why = self.led(row, place, &format!("nobody in the {of} {} {can}", dealt.pool));
            let why = why.trim_end_matches('.').to_owned();
            let named = dealt.fallback.filter(|named| !named.trim().is_empty());
            let fallback = named.unwrap_or_else(|| self.table.table.fallback.clone());
            return self.fall_back(&fallback, &why, &dealt.pool, desk);
        };
        let next = format!("{} was next in the {of} {} ({})", owner.name, dealt.pool, dealt.how);
        let mut why = self.led(row, place, &next);
        if let Some(skipped) = dealt.deal.skipped.map(|skipped| &dealt.deal.candidates[skipped]) {
            why.push_str(&format!(" It was the turn of {}, but {}.", skipped.name, skipped.why));
        }
        let source = if self.decision.team.is_some() { Source::Team } else { Source::Pool };
        self.settle(source, why);
        Ok(Verdict::Owner(owner))
    }

    fn fall_back(
        &mut self,
        asked: &str,
        why: &str,
        of: &str,
        desk: &mut dyn Desk,
    ) -> Result<Verdict, Failure> {
        let asked = asked.trim();
        if asked.is_empty() {
            return Err(failures::nobody_takes_part(of));
        }
        let owner = desk.owner(asked)?.ok_or_else(|| failures::no_such_owner(asked))?;
        self.settle(Source::Fallback, format!("{why}, so it went to {}, the fallback.", owner.name));
        Ok(Verdict::Owner(owner))
    }

    /// `then`, after the row that led to it, as a whole sentence.
    fn led(&mut self, row: &Row, place: usize, then: &str) -> String {
        if self.decision.table.is_empty() {
            let mut letters = then.chars();
            let capital: String = letters
                .next()
                .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
            return format!("{capital}.");
        }
        self.decision.row = Some(place + 1);
        self.decision.asked = row.conditions(&self.table.table.columns);
        let asked = match self.decision.asked.as_slice() {
            [] => "every other lead".to_owned(),
            asked => asked.join(" and "),
        };
        format!("By row {} of {} ({asked}): {then}.", place + 1, self.decision.table)
    }

    fn settle(&mut self, source: Source, sentence: String) {
        self.decision.source = source;
        self.decision.sentence = sentence;
    }

    fn pass(&mut self, row: usize, why: &str) {
        self.decision.passed.push(PassedRow { row, why: why.into() });
    }
}
