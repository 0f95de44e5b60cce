//! An example company for people who look around: accounts, leads that did something, a scoring model, segments, a routing
//! table, a service level, an imported list whose leads went through a workflow, and a pair of duplicates to review.
//!
//! It is made on request, or at the first start when the server is told so, in a workspace without leads, by the operations
//! that workflows and people use. What it never does: touch anything that is there already; rules of the same name stay as
//! they are.

use super::trade_fair;
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{FindDuplicatesPlan, Order, Plan};
use anyhow::Context;
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_leads::activity::By;
use trunkline_leads::linkage::DuplicateSettings;
use trunkline_leads::{Operation, Owner};
use trunkline_store::ports::{MemberRule, Named, NewDefinition, PublishDefinition};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

const COMPANY: &str = include_str!("company.json");
/// Leads that are made.
const LEADS: usize = 40;

/// What an example company is made of.
#[derive(Debug, Deserialize)]
struct Company {
    owners: Vec<Person>,
    pool: String,
    rules: Vec<Rule>,
    accounts: Vec<Map<String, Value>>,
    /// First name, last name and job title.
    people: Vec<[String; 3]>,
    twin: Twin,
}

#[derive(Debug, Deserialize)]
struct Person {
    name: String,
    email: String,
}

#[derive(Debug, Deserialize)]
struct Rule {
    kind: String,
    name: String,
    document: Value,
}

/// A lead that is another one, written down a second time.
#[derive(Debug, Deserialize)]
struct Twin {
    of: String,
    fields: Map<String, Value>,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Accounts.
    pub accounts: usize,
    /// Leads.
    pub leads: usize,
}

/// Makes the example company in a server that nobody has set up, unless there is a lead already.
pub async fn make_at_first_start(app: Shared) {
    let by = By { id: Uuid::nil(), name: "Trunkline".into() };
    let made = async {
        let is_new = app.store.accounts.needs_setup().await?;
        if !is_new || app.store.leads.summary(WorkspaceId::FIRST).await?.total > 0 {
            return anyhow::Ok(());
        }
        make(&app, WorkspaceId::FIRST, by).await.map(drop)
    };
    let made = tokio::select! {
        made = made => made,
        () = app.stopping.cancelled() => return,
    };
    if let Err(error) = made {
        tracing::error!(error = format!("{error:#}"), "the example company is not there, or only in part");
    }
}

/// Makes the example company; the caller has seen that there are no leads.
///
/// # Errors
/// The store's, and those of the example's own data, which a test rules out.
pub async fn make(app: &Shared, workspace: WorkspaceId, by: By) -> anyhow::Result<Made> {
    let company: Company = serde_json::from_str(COMPANY).context("the example company cannot be read")?;
    people(app, workspace, &company).await?;
    for rule in &company.rules {
        put_in_force(app, workspace, rule, &by).await?;
    }
    let accounts = company.accounts.iter().map(|account| {
        let mut fields = account.clone();
        let owner = fields.remove("owner");
        operation("keep_account", &json!({ "fields": fields, "owner": owner, "creates": true }))
    });
    perform(app, workspace, accounts.collect::<anyhow::Result<_>>()?, &by).await?;

    let mut fields: Vec<Map<String, Value>> = (0..LEADS).map(|number| lead(&company, number)).collect();
    debug_assert!(fields.iter().any(|fields| fields["email"] == company.twin.of.as_str()));
    fields.push(company.twin.fields);
    let found = fields.iter().map(|fields| {
        operation(
            "find_or_create",
            &json!({ "match_on": ["email"], "fields": fields, "overwrite": "fill_empty" }),
        )
    });
    let found = perform(app, workspace, found.collect::<anyhow::Result<_>>()?, &by).await?;
    let ids: Vec<Value> = found.iter().map(|output| output["lead"]["id"].clone()).collect();
    let mut next = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        next.push(operation("match_account", &json!({ "lead_id": id }))?);
        for (every, activity, title) in [(3, "page_view", "Visited pricing"), (5, "form", "Asked for a demo")]
        {
            if number % every == 0 {
                let did =
                    json!({ "lead_id": id, "activity": activity, "title": title, "channel": "Website" });
                next.push(operation("log_activity", &did)?);
            }
        }
    }
    // In the order of their creation every second one is routed; the others wait for a workflow of yours.
    for id in ids.iter().step_by(2) {
        next.push(operation(
            "route",
            &json!({ "lead_id": id, "pool": "", "table": "Example: territories" }),
        )?);
    }
    perform(app, workspace, next, &by).await?;
    let caller = Caller { workspace, user: (!by.id.is_nil()).then_some(by.id), name: by.name.clone() };
    trade_fair::import(app, &caller).await?;
    let order = Order {
        workspace,
        workflow: None,
        title: "Search for duplicates".into(),
        request: json!({}),
        plan: Plan::FindDuplicates(FindDuplicatesPlan { settings: DuplicateSettings::default() }),
        total: None,
        by: by.name,
    };
    app.jobs.start(app, order).await?;
    let leads = app.store.leads.summary(workspace).await?.total;
    Ok(Made { accounts: company.accounts.len(), leads: usize::try_from(leads)? })
}

/// The owners and their pool, where they are not there yet.
async fn people(app: &Shared, workspace: WorkspaceId, company: &Company) -> anyhow::Result<()> {
    let mut owners = app.store.leads.owners(workspace).await?;
    for person in &company.owners {
        if owners.iter().all(|owner| owner.email != person.email) {
            let (name, email) = (person.name.clone(), person.email.clone());
            let owner = Owner { id: Uuid::now_v7(), name, email, work: None };
            app.store.leads.add_owner(workspace, owner.clone()).await?;
            owners.push(owner);
        }
    }
    if app.store.leads.pools(workspace).await?.iter().all(|pool| pool.name != company.pool) {
        let pool = Named { id: Uuid::now_v7(), name: company.pool.clone() };
        let is_member = |owner: &&Owner| company.owners.iter().any(|person| person.email == owner.email);
        let member = |owner: &Owner| MemberRule { owner: owner.id, weight: 1, active: true };
        let members = owners.iter().filter(is_member).map(member).collect();
        app.store.leads.add_pool(workspace, pool.clone()).await?;
        app.store.leads.change_pool(workspace, pool, members).await?;
    }
    Ok(())
}

async fn put_in_force(app: &Shared, workspace: WorkspaceId, rule: &Rule, by: &By) -> anyhow::Result<()> {
    let (id, at) = (Uuid::now_v7(), Utc::now());
    let new = NewDefinition {
        id,
        kind: rule.kind.clone(),
        name: rule.name.clone(),
        draft: rule.document.clone(),
        at,
    };
    match app.store.definitions.create(workspace, new).await {
        Ok(()) => {}
        // It is somebody's own by now.
        Err(Error::Conflict(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let is_scoring = rule.kind == trunkline_leads::definition::SCORING;
    let scored = app.store.rules(workspace).await?;
    if is_scoring && scored.automatic().is_some() {
        // Only one model may score every lead; this one stays a draft.
        return Ok(());
    }
    let note = Some("Comes with the example company".into());
    let publish = PublishDefinition { base_revision: 1, by: Some(by.name.clone()), note, at };
    app.store.definitions.publish(workspace, id, publish).await?;
    Ok(())
}

/// The lead with this number: somebody at one of the companies.
fn lead(company: &Company, number: usize) -> Map<String, Value> {
    let account = &company.accounts[number % company.accounts.len()];
    // Every ten leads first names meet other last names, so that nobody is taken for somebody else.
    let (many, at) = (company.people.len(), number * 7);
    let [first, _, title] = &company.people[at % many];
    let [_, last, _] = &company.people[(at + number / many * 3) % many];
    let domain = account["domains"].as_str().unwrap_or_default();
    let email = format!("{}.{}{}@{domain}", first.to_lowercase(), last.to_lowercase(), number / 12);
    let source = ["Webinar", "Organic search", "Trade fair", "Referral"][number % 4];
    let fields = json!({
        "first_name": first, "last_name": last, "job_title": title, "email": email, "company": account["name"],
        "country": account["country"], "city": account["city"], "source": source,
    });
    fields.as_object().cloned().unwrap_or_default()
}

fn operation(action: &str, input: &Value) -> anyhow::Result<Operation> {
    Operation::read(action, input).map_err(|failure| anyhow::anyhow!("{}: {}", failure.code, failure.message))
}

async fn perform(
    app: &Shared,
    workspace: WorkspaceId,
    operations: Vec<Operation>,
    by: &By,
) -> anyhow::Result<Vec<Value>> {
    let outcomes = app.runner.perform_by_hand(workspace, operations, by.clone()).await?;
    let done = outcomes.into_iter().map(|outcome| {
        outcome
            .map(|done| done.output)
            .map_err(|failure| anyhow::anyhow!("{}: {}", failure.code, failure.message))
    });
    done.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_leads::standing::Document;

    #[test]
    fn the_rules_have_no_problem_and_the_people_are_many() {
        let company: Company = serde_json::from_str(COMPANY).unwrap();
        for rule in &company.rules {
            if let Some(document) = Document::read(&rule.kind, &rule.document) {
                assert!(document.unwrap().problems().is_empty(), "{}", rule.name);
            }
        }
        let leads: Vec<_> = (0..LEADS).map(|number| lead(&company, number)).collect();
        let emails: std::collections::BTreeSet<_> =
            leads.iter().map(|lead| lead["email"].to_string()).collect();
        assert_eq!(emails.len(), LEADS, "everybody has an address of their own");
        assert!(leads.iter().any(|lead| lead["email"] == company.twin.of.as_str()));
        assert_eq!(company.accounts.len(), 12);
    }
}
