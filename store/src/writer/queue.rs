//! Which runs may begin: order, limits, bursts and repeats.
//!
//! A run with rules is decided on in the transaction that accepts it, in the order of the queue, and let go in the
//! transaction in which what it waited for ends. So there is no moment in which two runs with one key are under way,
//! and none in which a free place and a run that waits for it are both there and nobody knows.

use super::database::Database;
use super::journal::Draft;
use super::pending::{Aside, Pending, Ruling};
use super::rows::JournalRow;
use super::tables::{BurstRow, NewRule, PayloadTables, RuleRow, RuleTables, SeenKey, SeenRow};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::{Keep, OrderKey, Priority, WorkspaceId};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use trunkline_engine::run::{Event, HeldFor, RunId};
use uuid::Uuid;

/// Runs of one workflow that can be let go in one transaction.
const MOST_LET_GO: u32 = 256;
/// How long a sender's key is remembered when its event was taken together with others.
const REPEATS: TimeDelta = TimeDelta::days(30);

/// What deciding on a batch left to be written.
#[derive(Default)]
pub(super) struct Decided {
    /// Events that count from now on.
    seen: Vec<SeenRow>,
    /// Bursts that are on disk and got another event: its newest event, if that is the one that counts, and how long
    /// it is quiet now.
    bursts: HashMap<RunId, Extended>,
}

struct Extended {
    next_seq: i64,
    event: Option<Event>,
    until: DateTime<Utc>,
}

/// What is known of the queues of a batch.
#[derive(Default)]
struct Known {
    /// Keys that a run has already.
    taken: HashSet<(WorkspaceId, OrderKey)>,
    /// Runs under way with a limit, by workflow.
    under_way: HashMap<Uuid, u64>,
    bursts: HashMap<(Uuid, String), Burst>,
    seen: HashMap<SeenKey, (RunId, DateTime<Utc>)>,
}

struct Burst {
    run: RunId,
    until: DateTime<Utc>,
    place: Place,
}

/// Where the run of a burst is.
#[derive(Clone, Copy)]
enum Place {
    Disk { next_seq: i64 },
    Batch(usize),
}

/// Lets those turns of `turns` begin that may, and holds the others.
pub(super) async fn decide<D: Database>(database: &mut D, turns: &mut [Pending]) -> Result<Decided, Error> {
    let mut decided = Decided::default();
    let asked = |turn: &Pending| turn.is_moving() && turn.undecided.is_some();
    if !turns.iter().any(asked) {
        return Ok(decided);
    }
    let mut known = Known::of(database, turns.iter().filter(|turn| asked(turn))).await?;
    for place in 0..turns.len() {
        if asked(&turns[place]) {
            one(turns, place, &mut known, &mut decided)?;
        }
    }
    follow(turns);
    Ok(decided)
}

/// A repeat of an event that was itself taken together with others belongs to the run that has those.
fn follow(turns: &mut [Pending]) {
    let mut taken_by: HashMap<RunId, RunId> = HashMap::new();
    for turn in turns.iter_mut() {
        let Some(Aside::Duplicate(run)) = &mut turn.aside else { continue };
        if let Some(other) = taken_by.get(run) {
            *run = *other;
        }
        taken_by.insert(turn.header.id, *run);
    }
}

fn one(turns: &mut [Pending], place: usize, known: &mut Known, decided: &mut Decided) -> Result<(), Error> {
    let turn = &turns[place];
    let (run, workspace, workflow) = (turn.header.id, turn.header.workspace, turn.header.workflow);
    let (rules, at, is_new) = (turn.header.rules.clone(), turn.asked_at(), turn.is_new());
    if is_new && let Some(dedupe) = &rules.dedupe {
        let key = (workflow, digest(&dedupe.key));
        if let Some((first, taken_at)) = known.seen.get(&key)
            && *taken_at > dedupe.since
        {
            turns[place].aside = Some(Aside::Duplicate(*first));
            return Ok(());
        }
        known.seen.insert(key, (run, at));
        decided.seen.push(SeenRow { key, run, at, until: at + (at - dedupe.since) });
    }
    if let Some(debounce) = rules.debounce {
        let key = (workflow, debounce.key);
        if is_new {
            let sent = sent_key(&turns[place]);
            if let Some((first, _)) = sent.and_then(|sent| known.seen.get(&sent)) {
                turns[place].aside = Some(Aside::Duplicate(*first));
                return Ok(());
            }
            return match known.bursts.get_mut(&key) {
                Some(burst) => {
                    // The run has the key of its first event; the others are remembered here.
                    if let Some(sent) = sent {
                        known.seen.insert(sent, (burst.run, at));
                        decided.seen.push(SeenRow { key: sent, run: burst.run, at, until: at + REPEATS });
                    }
                    join(turns, place, burst, (debounce.until, debounce.keep), decided)
                }
                None => {
                    known
                        .bursts
                        .insert(key, Burst { run, until: debounce.until, place: Place::Batch(place) });
                    turns[place].hold(HeldFor::Burst)
                }
            };
        }
        if known.bursts.get(&key).is_some_and(|burst| burst.run == run && burst.until > at) {
            // Another event has come since the caller looked; the run is due again later.
            turns[place].aside = Some(Aside::Refused(Error::Fenced));
            return Ok(());
        }
        known.bursts.remove(&key);
    }
    let mut held = None;
    if let Some(order) = rules.order
        && !known.taken.insert((workspace, order))
    {
        held = Some(HeldFor::Order);
    }
    if let Some(most) = rules.most_at_once
        && held.is_none()
    {
        let under_way = known.under_way.entry(workflow).or_default();
        if *under_way >= u64::from(most) { held = Some(HeldFor::Limit) } else { *under_way += 1 }
    }
    match held {
        Some(why) => turns[place].hold(why),
        None => turns[place].let_begin(),
    }
}

/// Takes the event of the turn at `place` together with the run that waits for a quiet moment already.
fn join(
    turns: &mut [Pending],
    place: usize,
    burst: &mut Burst,
    (until, keep): (DateTime<Utc>, Keep),
    decided: &mut Decided,
) -> Result<(), Error> {
    burst.until = burst.until.max(until);
    let event = match keep {
        Keep::First => None,
        Keep::Last => turns[place].as_held(HeldFor::Burst),
    };
    turns[place].aside = Some(Aside::Duplicate(burst.run));
    match burst.place {
        Place::Batch(first) => turns[first].prolong(burst.until, event)?,
        Place::Disk { next_seq } => {
            let entry = decided.bursts.entry(burst.run);
            let extended = entry.or_insert(Extended { next_seq, event: None, until: burst.until });
            extended.until = burst.until;
            if event.is_some() {
                extended.event = event;
            }
        }
    }
    Ok(())
}

impl Known {
    async fn of<D: Database>(database: &mut D, turns: impl Iterator<Item = &Pending>) -> Result<Self, Error> {
        let (mut keys, mut workflows) = (HashSet::new(), HashSet::new());
        let (mut bursts, mut seen) = (HashSet::new(), HashSet::new());
        for turn in turns {
            let (workflow, rules) = (turn.header.workflow, &turn.header.rules);
            keys.extend(rules.order.clone().map(|order| (turn.header.workspace, order)));
            workflows.extend(rules.most_at_once.map(|_| workflow));
            bursts.extend(rules.debounce.as_ref().map(|debounce| (workflow, debounce.key.clone())));
            seen.extend(rules.dedupe.as_ref().map(|dedupe| (workflow, digest(&dedupe.key))));
            seen.extend(rules.debounce.as_ref().and_then(|_| sent_key(turn)));
        }
        let mut known = Self::default();
        if !keys.is_empty() {
            let rows = database.connection().first_of_keys(&keys).await?;
            known.taken.extend(rows.into_iter().filter_map(|row| Some((row.workspace, row.order?))));
        }
        if !workflows.is_empty() {
            known.under_way = database.connection().under_way(&workflows).await?;
        }
        if !bursts.is_empty() {
            for BurstRow { workflow, burst, run, next_seq, until } in
                database.connection().bursts(&bursts).await?
            {
                let place = Place::Disk { next_seq };
                known.bursts.insert((workflow, burst), Burst { run, until, place });
            }
        }
        if !seen.is_empty() {
            known.seen = database.connection().seen(&seen).await?;
        }
        Ok(known)
    }
}

/// The sender's key of an event that may be taken together with others. No template makes such a text.
fn sent_key(turn: &Pending) -> Option<SeenKey> {
    let key = turn.header.event_key.as_ref()?;
    Some((turn.header.workflow, digest(&format!("\0event\0{key}"))))
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// A run that may begin now, because a turn of the batch made room for it.
pub(super) struct LetGo {
    /// Which.
    pub(super) run: RunId,
    /// The place of the turn in the batch.
    pub(super) by: usize,
}

/// Writes what was decided, forgets the rules of runs that ended, and lets go those that waited for them.
pub(super) async fn settle<D: Database>(
    database: &mut D,
    turns: &[Pending],
    decided: Decided,
    payloads: &Payloads,
) -> Result<Vec<LetGo>, Error> {
    let Decided { seen, bursts } = decided;
    if !seen.is_empty() {
        // One statement cannot write a row twice; of several events the last is the one that counts.
        let last: HashMap<SeenKey, SeenRow> = seen.into_iter().map(|row| (row.key, row)).collect();
        database.connection().note_seen(last.into_values().collect()).await?;
    }
    extend(database, bursts, payloads).await?;
    let (mut added, mut over) = (Vec::new(), Vec::new());
    let (mut begun, mut in_order, mut limited) = (Vec::new(), Vec::new(), Vec::new());
    let mut room = Room::default();
    for (place, turn) in turns.iter().enumerate().filter(|(_, turn)| turn.is_moving()) {
        let header = &turn.header;
        let rules = &header.rules;
        let has_row = rules.can_hold() || rules.priority != Priority::Normal;
        if !has_row && turn.ruling().is_none() {
            continue;
        }
        let is_over = turn.state().status.is_final();
        if is_over {
            room.open(place, turn);
        }
        match (turn.is_new(), is_over) {
            (true, false) if !has_row => {}
            (true, false) => added.push(NewRule {
                run: header.id,
                workspace: header.workspace,
                workflow: header.workflow,
                rules: rules.clone(),
                held: turn.held(),
            }),
            (true, true) => {}
            (false, true) => over.push(header.id),
            (false, false) => match turn.ruling() {
                // Of a burst that is over nothing may be left to keep to.
                Some(Ruling::Begins) if !has_row => over.push(header.id),
                Some(Ruling::Begins) => begun.push(header.id),
                Some(Ruling::Held(HeldFor::Order)) => in_order.push(header.id),
                Some(Ruling::Held(HeldFor::Limit)) => limited.push(header.id),
                Some(Ruling::Held(HeldFor::Burst)) | None => {}
            },
        }
    }
    if !added.is_empty() {
        database.connection().add_rules(added).await?;
    }
    if !over.is_empty() {
        database.connection().remove_rules(over).await?;
    }
    for (why, runs) in [(None, begun), (Some(HeldFor::Order), in_order), (Some(HeldFor::Limit), limited)] {
        if !runs.is_empty() {
            database.connection().set_held(why, runs).await?;
        }
    }
    if room.keys.is_empty() && room.limits.is_empty() { Ok(Vec::new()) } else { room.fill(database).await }
}

async fn extend<D: Database>(
    database: &mut D,
    bursts: HashMap<RunId, Extended>,
    payloads: &Payloads,
) -> Result<(), Error> {
    if bursts.is_empty() {
        return Ok(());
    }
    let (mut rows, mut until) = (Vec::new(), Vec::new());
    for (run, extended) in bursts {
        until.push((run, extended.until));
        if let Some(event) = extended.event {
            let body = Draft::of(&[event])?.take();
            rows.push(JournalRow { run, seq: extended.next_seq, body });
        }
    }
    let columns = rows.iter_mut().map(|row| (row.run, row.seq, &mut row.body)).collect();
    let spilled = payloads.spill(columns).await?;
    if !rows.is_empty() {
        database.insert_journal(rows).await?;
    }
    if !spilled.is_empty() {
        database.connection().add_payloads(spilled).await?;
    }
    database.connection().extend_bursts(until).await
}

/// Where runs that ended made room, and which turn did.
#[derive(Default)]
struct Room {
    keys: HashMap<(WorkspaceId, OrderKey), usize>,
    limits: HashMap<Uuid, usize>,
}

impl Room {
    fn open(&mut self, place: usize, turn: &Pending) {
        let (header, rules) = (&turn.header, &turn.header.rules);
        if let Some(order) = &rules.order {
            self.keys.insert((header.workspace, order.clone()), place);
        }
        if rules.most_at_once.is_some() {
            self.limits.insert(header.workflow, place);
        }
    }

    /// Lets go whoever fits into the room.
    async fn fill<D: Database>(self, database: &mut D) -> Result<Vec<LetGo>, Error> {
        let keys: HashSet<_> = self.keys.keys().cloned().collect();
        let mut limits: HashSet<Uuid> = self.limits.keys().copied().collect();
        let mut firsts =
            if keys.is_empty() { Vec::new() } else { database.connection().first_of_keys(&keys).await? };
        firsts.retain(|row| row.held == Some(HeldFor::Order));
        let mut waiting = if limits.is_empty() {
            Vec::new()
        } else {
            database.connection().held_by_limit(&limits, MOST_LET_GO).await?
        };
        limits.extend(firsts.iter().filter(|row| row.most_at_once.is_some()).map(|row| row.workflow));
        let mut under_way =
            if limits.is_empty() { HashMap::new() } else { database.connection().under_way(&limits).await? };
        // Those that wait for the limit alone have waited longer than those whose turn in the order has just come.
        waiting.append(&mut firsts);
        let (mut go, mut stay, mut let_go) = (Vec::new(), Vec::new(), Vec::new());
        for row in waiting {
            let fits = row.most_at_once.is_none_or(|most| {
                let count = under_way.entry(row.workflow).or_default();
                let fits = *count < u64::from(most);
                *count += u64::from(fits);
                fits
            });
            if fits {
                let by = self.by(&row);
                go.push(row.run);
                let_go.push(LetGo { run: row.run, by });
            } else if row.held == Some(HeldFor::Order) {
                stay.push(row.run);
            }
        }
        if !go.is_empty() {
            database.connection().set_held(None, go).await?;
        }
        if !stay.is_empty() {
            database.connection().set_held(Some(HeldFor::Limit), stay).await?;
        }
        Ok(let_go)
    }

    /// The turn that made room for `row`.
    fn by(&self, row: &RuleRow) -> usize {
        let key = row.order.clone().map(|order| (row.workspace, order));
        let of_key = key.and_then(|key| self.keys.get(&key));
        of_key.or_else(|| self.limits.get(&row.workflow)).copied().unwrap_or_default()
    }
}
