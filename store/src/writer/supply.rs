//! Loading what operations on leads, tables and counters have to know, for many of them at once: one question per sort of need.

use super::database::Database;
use super::enrichment;
use super::flight::Flight;
use super::in_force::InForce;
use super::merging::{Belongings, Likenesses as _, MergeTables as _, gathered};
use super::registers::Registers;
use super::shelves;
use super::tables::ActivityKeys as _;
use crate::error::Error;
use crate::ports::WorkspaceId;
use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use trunkline_leads::book::OfKey;
use trunkline_leads::criteria::Trace;
use trunkline_leads::sla::Clock;
use trunkline_leads::suppression::{Address, Register, SuppressionOperation};
use trunkline_leads::table::{self, Shelf, TableOperation};
use trunkline_leads::{Answer, Book, Key, Need, Operation};
use uuid::Uuid;

/// The books, shelves and registers of one transaction, one of each per workspace.
#[derive(Default)]
pub(super) struct Books {
    pub(super) open: BTreeMap<WorkspaceId, Book>,
    pub(super) shelves: BTreeMap<WorkspaceId, Shelf>,
    pub(super) registers: BTreeMap<WorkspaceId, Register>,
}

impl Books {
    /// The book of `workspace`.
    pub(super) fn of(&mut self, workspace: WorkspaceId) -> &mut Book {
        self.open.entry(workspace).or_default()
    }

    /// The register of `workspace`.
    pub(super) fn register(&mut self, workspace: WorkspaceId) -> &mut Register {
        self.registers.entry(workspace).or_default()
    }

    /// The shelf of `workspace`.
    pub(super) fn shelf(&mut self, workspace: WorkspaceId) -> &mut Shelf {
        self.shelves.entry(workspace).or_default()
    }
}

/// Loads until every operation of `asked` can be performed. What may not be asked for before the batch `before` is
/// durable is asked for then.
pub(super) async fn satisfy<D: Database>(
    database: &mut D,
    books: &mut Books,
    in_force: &mut InForce,
    asked: &[(WorkspaceId, &Operation)],
    mut before: Option<&mut Flight<D>>,
) -> Result<(), Error> {
    for (workspace, _) in asked {
        if let Entry::Vacant(free) = books.open.entry(*workspace) {
            let rules = in_force.rules(database, *workspace).await?;
            let mut book = Book::with_rules(in_force.stages(database, *workspace).await?, rules);
            let known = in_force.known(*workspace);
            book.supply(known.map(|(kind, all)| Answer::Definitions(kind, all)));
            free.insert(book);
        }
    }
    loop {
        let needs = needs(asked, books);
        if needs.is_empty() {
            return Ok(());
        }
        if !needs.values().flatten().all(Need::may_be_answered_early) {
            landed(before.as_deref_mut()).await?;
        }
        for (workspace, needs) in needs {
            let kinds = books.of(workspace).rules().watch().kinds();
            let answers = answer(database, in_force, workspace, needs, &kinds).await?;
            books.of(workspace).supply(answers);
        }
    }
}

/// Everything `asked` still has to know, by workspace.
fn needs(asked: &[(WorkspaceId, &Operation)], books: &mut Books) -> HashMap<WorkspaceId, HashSet<Need>> {
    let mut all: HashMap<_, HashSet<Need>> = HashMap::new();
    for (workspace, operation) in asked {
        let needs = books.of(*workspace).needs(operation);
        if !needs.is_empty() {
            all.entry(*workspace).or_default().extend(needs);
        }
    }
    all
}

/// Loads until every operation of `asked` on tables and counters can be performed.
pub(super) async fn stock<D: Database>(
    database: &mut D,
    books: &mut Books,
    asked: &[(WorkspaceId, &TableOperation)],
    mut before: Option<&mut Flight<D>>,
) -> Result<(), Error> {
    loop {
        let mut all: HashMap<WorkspaceId, HashSet<table::Need>> = HashMap::new();
        for (workspace, operation) in asked {
            let needs = books.shelf(*workspace).needs(operation);
            if !needs.is_empty() {
                all.entry(*workspace).or_default().extend(needs);
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        landed(before.as_deref_mut()).await?;
        for (workspace, needs) in all {
            let answers = shelves::answer(database.connection(), workspace, needs).await?;
            books.shelf(workspace).supply(answers);
        }
    }
}

/// Looks up every address that the operations of `asked` are about.
pub(super) async fn look_up<D: Database>(
    database: &mut D,
    books: &mut Books,
    asked: &[(WorkspaceId, &SuppressionOperation)],
    mut before: Option<&mut Flight<D>>,
) -> Result<(), Error> {
    let mut all: HashMap<WorkspaceId, HashSet<Address>> = HashMap::new();
    for (workspace, operation) in asked {
        all.entry(*workspace).or_default().extend(books.register(*workspace).needs(operation));
    }
    for (workspace, addresses) in all.into_iter().filter(|(_, addresses)| !addresses.is_empty()) {
        landed(before.as_deref_mut()).await?;
        let answers = database.connection().suppressions(workspace, &addresses).await?;
        books.register(workspace).supply(answers);
    }
    Ok(())
}

/// Waits until the batch `before` is durable, if there is one. Its error is that batch's.
async fn landed<D: Database>(before: Option<&mut Flight<D>>) -> Result<(), Error> {
    match before {
        Some(flight) => flight.landed().await,
        None => Ok(()),
    }
}

/// The needs of one sort each.
#[derive(Default)]
struct Sorted {
    keys: HashSet<Key>,
    leads: HashSet<Uuid>,
    pools: HashSet<String>,
    owners: HashSet<String>,
    teams: HashSet<String>,
    loads: HashSet<Uuid>,
    clocks: HashSet<Uuid>,
    latest: HashSet<Uuid>,
    lists: HashSet<String>,
    members: HashSet<(Uuid, Uuid)>,
    /// With what is left out, if anything is.
    histories: HashSet<(Uuid, Option<Uuid>)>,
    account_keys: HashSet<String>,
    accounts: HashSet<Uuid>,
    account_matches: HashSet<Uuid>,
    imported: HashSet<(Uuid, Uuid)>,
    belongings: HashSet<Uuid>,
    merges: HashSet<Uuid>,
    enrichment: enrichment::Asked,
    activity_keys: HashSet<String>,
}

async fn answer<D: Database>(
    database: &mut D,
    in_force: &mut InForce,
    workspace: WorkspaceId,
    needs: HashSet<Need>,
    kinds: &BTreeSet<&'static str>,
) -> Result<Vec<Answer>, Error> {
    let mut sorted = Sorted::default();
    let mut answers = Vec::new();
    for need in needs {
        match need {
            Need::Key(key) => drop(sorted.keys.insert(key)),
            Need::Lead(id) => drop(sorted.leads.insert(id)),
            Need::Pool(name) => drop(sorted.pools.insert(name)),
            Need::Team(name) => drop(sorted.teams.insert(name)),
            Need::Owner(name) => drop(sorted.owners.insert(name)),
            Need::Clocks(lead) => drop(sorted.clocks.insert(lead)),
            Need::LatestOwner(account) => drop(sorted.latest.insert(account)),
            Need::Load(owner) => drop(sorted.loads.insert(owner)),
            Need::List(name) => drop(sorted.lists.insert(name)),
            Need::Membership { list, lead } => drop(sorted.members.insert((list, lead))),
            Need::Definitions(kind) => {
                let all = in_force.of_kind(database, workspace, kind).await?;
                answers.push(Answer::Definitions(kind, all));
            }
            Need::History(lead) => drop(sorted.histories.insert((lead, None))),
            Need::HistoryApart { lead, without } => drop(sorted.histories.insert((lead, Some(without)))),
            Need::AccountKey(key) => drop(sorted.account_keys.insert(key)),
            Need::Account(id) => drop(sorted.accounts.insert(id)),
            Need::AccountMatch(lead) => drop(sorted.account_matches.insert(lead)),
            Need::Imported { import, lead } => drop(sorted.imported.insert((import, lead))),
            Need::Belongings(lead) => drop(sorted.belongings.insert(lead)),
            Need::Merge(id) => drop(sorted.merges.insert(id)),
            Need::Provenance(lead) => drop(sorted.enrichment.origins.insert(lead)),
            Need::Spending(waterfall) => drop(sorted.enrichment.spending.insert(waterfall)),
            Need::Remembered(question) => drop(sorted.enrichment.questions.insert(question)),
            Need::ActivityKey(key) => drop(sorted.activity_keys.insert(key)),
            Need::Alike { of, lead, probe } => {
                let alike = database.connection().alike(workspace, lead, &probe).await?;
                answers.push(Answer::Alike(of, Box::new(alike)));
            }
        }
    }
    if !sorted.keys.is_empty() {
        for (key, lead) in database.keys(workspace, &sorted.keys).await? {
            sorted.keys.remove(&key);
            answers.push(Answer::Key(key, Some(lead.id)));
            answers.push(Answer::Lead(lead.id, Some(lead)));
        }
        answers.extend(sorted.keys.into_iter().map(|key| Answer::Key(key, None)));
    }
    if !sorted.leads.is_empty() {
        for lead in database.leads(workspace, &sorted.leads).await? {
            sorted.leads.remove(&lead.id);
            answers.push(Answer::Lead(lead.id, Some(lead)));
        }
        if !sorted.leads.is_empty() {
            // Hardly ever: a lead that is not there may be part of another by now.
            for (from, to) in database.connection().redirects(workspace, &sorted.leads).await? {
                answers.push(Answer::Redirect { from, to });
            }
        }
        answers.extend(sorted.leads.into_iter().map(|id| Answer::Lead(id, None)));
    }
    if !sorted.pools.is_empty() {
        let found = database.pools(workspace, &sorted.pools).await?;
        answers.extend(all(sorted.pools, found, Answer::Pool));
    }
    if !sorted.owners.is_empty() {
        let found = database.owners(workspace, &sorted.owners).await?;
        answers.extend(all(sorted.owners, found, Answer::Owner));
    }
    if !sorted.teams.is_empty() {
        let mut found = database.teams(workspace, &sorted.teams).await?;
        answers.extend(sorted.teams.into_iter().map(|name| {
            let owners = found.remove(&name).unwrap_or_default();
            Answer::Team(name, owners)
        }));
    }
    if !sorted.clocks.is_empty() {
        let mut found: HashMap<Uuid, Vec<Clock>> = HashMap::new();
        for clock in database.open_clocks(&sorted.clocks).await? {
            found.entry(clock.lead_id).or_default().push(clock);
        }
        let open = |lead| Answer::Clocks(lead, found.remove(&lead).unwrap_or_default());
        answers.extend(sorted.clocks.into_iter().map(open));
    }
    if !sorted.latest.is_empty() {
        let found: HashMap<Uuid, Uuid> =
            database.latest_owners(workspace, &sorted.latest).await?.into_iter().collect();
        let latest = |account| Answer::LatestOwner(account, found.get(&account).copied());
        answers.extend(sorted.latest.into_iter().map(latest));
    }
    if !sorted.loads.is_empty() {
        let mut found: HashMap<Uuid, BTreeMap<String, u64>> = HashMap::new();
        for (owner, stage, count) in database.loads(workspace, &sorted.loads).await? {
            found.entry(owner).or_default().insert(stage, count);
        }
        let load = |owner| Answer::Load(owner, found.remove(&owner).unwrap_or_default());
        answers.extend(sorted.loads.into_iter().map(load));
    }
    if !sorted.lists.is_empty() {
        let found = database.lists(workspace, &sorted.lists).await?;
        answers.extend(all(sorted.lists, found, Answer::List));
    }
    if !sorted.members.is_empty() {
        let found = database.members(&sorted.members).await?;
        answers.extend(sorted.members.into_iter().map(|(list, lead)| {
            let is_member = found.contains(&(list, lead));
            Answer::Membership { list, lead, is_member }
        }));
    }
    if !sorted.histories.is_empty() {
        answer_on_histories(database, workspace, sorted.histories, kinds, &mut answers).await?;
    }
    answer_on_accounts(
        database,
        workspace,
        sorted.account_keys,
        sorted.accounts,
        sorted.account_matches,
        &mut answers,
    )
    .await?;
    enrichment::answer(database.connection(), workspace, sorted.enrichment, &mut answers).await?;
    if !sorted.imported.is_empty() {
        let found = database.imported(&sorted.imported).await?;
        answers.extend(sorted.imported.into_iter().map(|(import, lead)| {
            let at = found.get(&(import, lead)).copied();
            Answer::Imported { import, lead, at }
        }));
    }
    if !sorted.belongings.is_empty() {
        let mut found = database.connection().belongings(workspace, &sorted.belongings).await?;
        answers.extend(sorted.belongings.into_iter().map(|lead| {
            let Belongings { keys, lists } = found.remove(&lead).unwrap_or_default();
            Answer::Belongings { lead, keys, lists }
        }));
    }
    if !sorted.activity_keys.is_empty() {
        let known = database.connection().known_activities(workspace, &sorted.activity_keys).await?;
        answers.extend(sorted.activity_keys.into_iter().map(|key| {
            let is_known = known.contains(&key);
            Answer::ActivityKey(key, is_known)
        }));
    }
    if !sorted.merges.is_empty() {
        for merge in database.connection().merges(workspace, &sorted.merges).await? {
            sorted.merges.remove(&merge.id);
            answers.push(Answer::Merge(merge.id, Some(Box::new(merge))));
        }
        answers.extend(sorted.merges.into_iter().map(|id| Answer::Merge(id, None)));
    }
    Ok(answers)
}

/// Answers what leads did, with what those did that went into them.
async fn answer_on_histories<D: Database>(
    database: &mut D,
    workspace: WorkspaceId,
    asked: HashSet<(Uuid, Option<Uuid>)>,
    kinds: &BTreeSet<&'static str>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    let mut leads: HashSet<Uuid> = asked.iter().map(|(lead, _)| *lead).collect();
    let parts = database.connection().parts(workspace, &leads).await?;
    leads.extend(parts.iter().map(|(_, went)| *went));
    let mut own: HashMap<Uuid, Vec<Trace>> = HashMap::new();
    for (lead, trace) in database.traces(&leads, kinds).await? {
        own.entry(lead).or_default().push(trace);
    }
    let asked: Vec<(Uuid, Option<Uuid>)> = asked.into_iter().collect();
    let found = gathered(asked.iter().copied(), &parts, &own);
    answers.extend(asked.into_iter().zip(found).map(|((lead, without), traces)| match without {
        Some(without) => Answer::HistoryApart { lead, without, traces },
        None => Answer::History(lead, traces),
    }));
    Ok(())
}

/// Answers what operations ask about accounts.
async fn answer_on_accounts<D: Database>(
    database: &mut D,
    workspace: WorkspaceId,
    keys: HashSet<String>,
    accounts: HashSet<Uuid>,
    matches: HashSet<Uuid>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    if !keys.is_empty() {
        let found = database.account_keys(workspace, &keys).await?;
        answers.extend(all(keys, found.into_iter().collect(), |key, of: Option<OfKey>| {
            Answer::AccountKey(key, of.unwrap_or_default())
        }));
    }
    if !accounts.is_empty() {
        let found = database.accounts(workspace, &accounts).await?;
        let found = found.into_iter().map(|candidate| (candidate.account.id, candidate)).collect();
        answers.extend(all(accounts, found, Answer::Account));
    }
    if !matches.is_empty() {
        let found = database.account_matches(workspace, &matches).await?;
        let found = found.into_iter().map(|found| (found.lead_id, Box::new(found))).collect();
        answers.extend(all(matches, found, Answer::AccountMatch));
    }
    Ok(())
}

/// An answer to everything that was asked, also to what was not found.
fn all<K: Eq + Hash, T>(
    asked: HashSet<K>,
    mut found: HashMap<K, T>,
    answer: fn(K, Option<T>) -> Answer,
) -> impl Iterator<Item = Answer> {
    asked.into_iter().map(move |key| {
        let thing = found.remove(&key);
        answer(key, thing)
    })
}
