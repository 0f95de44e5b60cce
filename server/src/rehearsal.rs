//! Lead operations in memory: what would happen, without writing anything.

use chrono::Utc;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind;
use trunkline_engine::run::Performed;
use trunkline_leads::{Answer, Book, KeyKind, Lead, List, Need, Occasion, Operation};
use trunkline_store::ports::LeadQuery;
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

/// Performs `operation` on a copy of what the store knows.
///
/// # Errors
/// The store's; the operation's own failure is data.
pub async fn perform(
    store: &Store,
    workspace: WorkspaceId,
    operation: &kind::Operation,
) -> Result<Result<Performed, Failure>, Error> {
    let operation = match Operation::read(&operation.action, &operation.input) {
        Ok(operation) => operation,
        Err(failure) => return Ok(Err(failure)),
    };
    let mut book = Book::with_stages(store.leads.stages(workspace).await?.into());
    loop {
        let needs = book.needs(&operation);
        if needs.is_empty() {
            break;
        }
        let mut answers = Vec::with_capacity(needs.len());
        for need in needs {
            answers.push(answer(store, workspace, need).await?);
        }
        book.supply(answers);
    }
    let occasion = Occasion { at: Utc::now(), run_id: None, step: None, new_id: &mut Uuid::now_v7 };
    Ok(book.perform(&operation, occasion))
}

async fn answer(store: &Store, workspace: WorkspaceId, need: Need) -> Result<Answer, Error> {
    let called =
        |asked: &str, id: Uuid, name: &str| asked.eq_ignore_ascii_case(name) || asked.parse() == Ok(id);
    Ok(match need {
        Need::Lead(id) => {
            let known = store.leads.get(workspace, id).await?.map(|view| Box::new(view.lead));
            // A lead that an earlier test made up is not in the store; a blank one stands in for it.
            Answer::Lead(id, Some(known.unwrap_or_else(|| Box::new(Lead::new(id, "Known", Utc::now())))))
        }
        Need::Key(key) => {
            let query = LeadQuery { search: Some(key.value.clone()), limit: 20, ..LeadQuery::default() };
            let found = store.leads.list(workspace, query).await?.items;
            let same = |lead: &Lead| match key.kind {
                KeyKind::Email => lead.email.as_deref() == Some(&key.value),
                KeyKind::Phone => lead.phone.as_deref() == Some(&key.value),
                KeyKind::ExternalId => lead.external_id.as_deref() == Some(&key.value),
            };
            let lead = found.iter().find(|row| same(&row.lead)).map(|row| row.lead.id);
            Answer::Key(key, lead)
        }
        Need::Pool(asked) => {
            let pools = store.leads.pools(workspace).await?;
            let pool = pools.into_iter().find(|pool| called(&asked, pool.id, &pool.name));
            Answer::Pool(asked, pool)
        }
        Need::Owner(asked) => {
            let owners = store.leads.owners(workspace).await?;
            let owner = owners.into_iter().find(|owner| {
                called(&asked, owner.id, &owner.name) || owner.email.eq_ignore_ascii_case(&asked)
            });
            Answer::Owner(asked, owner.map(Arc::new))
        }
        Need::List(asked) => {
            let lists = store.leads.lists(workspace).await?;
            let list = lists.into_iter().find(|row| called(&asked, row.list.id, &row.list.name));
            Answer::List(asked, list.map(|row| List { id: row.list.id, name: row.list.name }))
        }
        Need::Membership { list, lead } => {
            let view = store.leads.get(workspace, lead).await?;
            let is_member = view.is_some_and(|view| view.lists.iter().any(|named| named.id == list));
            Answer::Membership { list, lead, is_member }
        }
    })
}
