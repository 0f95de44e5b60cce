//! Finding, creating and changing accounts.

use super::{KnownAccounts, is_same_name};
use crate::account::operation::{Existing, KeepAccount, UpdateAccount};
use crate::account::{Account, AccountActivity, MAX_DEPTH, Told, values};
use crate::book::{Book, Occasion};
use crate::failures;
use crate::matching::domain;
use crate::matching::key;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// What an account is looked up by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::book) struct Lookup {
    /// Its id.
    pub(super) id: Option<Uuid>,
    /// Keys it has.
    pub(super) keys: Vec<String>,
    /// A name that has to be the same, when it is looked up by one.
    name: Option<String>,
}

impl Lookup {
    /// By an id, a domain or a name, whichever `text` is.
    pub(super) fn of_text(text: &str) -> Self {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Self { id: Some(id), ..Self::default() };
        }
        let mut keys: Vec<String> =
            domain::registered(text).iter().filter_map(|domain| key::of_registered(domain)).collect();
        keys.extend(key::of_exact_name(text));
        Self { id: None, keys, name: Some(text.to_owned()) }
    }

    /// By ids in other systems, then by domains, then by name: one look after the other.
    pub(super) fn of_fields(fields: &Map<String, Value>) -> Vec<Self> {
        let mut lookups = Vec::new();
        if let Some(Value::Object(ids)) = fields.get("external_ids") {
            let keys =
                ids.iter().filter_map(|(system, id)| key::of_external_id(system.trim(), id.as_str()?.trim()));
            lookups.push(Self { keys: keys.collect(), ..Self::default() });
        }
        let mut scratch = Account::new(Uuid::nil(), "?", chrono::DateTime::UNIX_EPOCH);
        let domains: Map<String, Value> = ["domains", "website"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), fields.get(name)?.clone())))
            .collect();
        if scratch.fill(&domains, false).is_ok() && !scratch.domains.is_empty() {
            let keys = scratch.domains.iter().filter_map(|domain| key::of_registered(domain));
            lookups.push(Self { keys: keys.collect(), ..Self::default() });
        }
        if let Some(name) =
            fields.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty())
        {
            let keys = key::of_exact_name(name);
            lookups.push(Self { id: None, keys, name: Some(name.to_owned()) });
        }
        lookups
    }

    /// The account, of several the oldest; `None` when there is none or it is not known.
    pub(super) fn find(&self, known: &KnownAccounts) -> Option<Uuid> {
        if let Some(id) = self.id {
            return known.account(id).map(|account| account.id);
        }
        let ids: BTreeSet<Uuid> = self.keys.iter().flat_map(|key| known.of_key(key).1).collect();
        let fits = |id: &Uuid| {
            let Some(account) = known.account(*id) else { return false };
            let by_domain = self
                .keys
                .iter()
                .filter_map(|key| key.strip_prefix("d:"))
                .any(|domain| account.domains.iter().any(|own| own == domain));
            let by_name = |name: &String| {
                std::iter::once(&account.name).chain(&account.aliases).any(|own| is_same_name(own, name))
            };
            let has_key = || key::of_account(account).iter().any(|own| self.keys.contains(own));
            by_domain || self.name.as_ref().map_or_else(has_key, by_name)
        };
        let mut fitting = ids.into_iter().filter(fits);
        let first = fitting.next()?;
        // Of several that share a domain, the one at the top of the hierarchy.
        let is_top = |id: &Uuid| known.account(*id).is_some_and(|account| account.parent_id.is_none());
        if is_top(&first) { Some(first) } else { fitting.find(is_top).or(Some(first)) }
    }
}

impl Book {
    pub(super) fn keep_account(
        &mut self,
        input: &KeepAccount,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let lookups = Lookup::of_fields(&input.fields);
        if lookups.iter().all(|lookup| lookup.keys.is_empty()) {
            return Err(failures::no_account_identity());
        }
        let found = lookups.iter().find_map(|lookup| lookup.find(&self.accounts));
        let parent = self.parent(input.parent.as_deref())?;
        let owner = self.account_owner(input.owner.as_deref())?;
        let Some(id) = found else {
            if !input.creates {
                let output = json!({ "account": null, "created": false, "found": false });
                return Ok(Performed {
                    output,
                    why: Some("There is no such account.".into()),
                    written: Vec::new(),
                });
            }
            let mut account = Account::new((occasion.new_id)(), "?", occasion.at);
            let mut fields = input.fields.clone();
            if fields.get("name").is_none_or(crate::field::is_blank) {
                // Known by a domain alone: it is called so until somebody knows better.
                let domain =
                    lookups.iter().flat_map(|lookup| &lookup.keys).find_map(|key| key.strip_prefix("d:"));
                fields.insert("name".into(), domain.unwrap_or("Unnamed account").into());
            }
            account.fill(&fields, false).map_err(|problem| failures::account_value(&problem))?;
            account.parent_id = parent.flatten();
            account.owner_id = owner.flatten();
            let why = format!("Created the account {}.", account.name);
            let output = json!({ "account": account.record(), "created": true, "found": false });
            let written = vec![Change {
                label: "Account".into(),
                old: Value::Null,
                new: account.name.as_str().into(),
                target: None,
            }];
            self.tell_of(account.id, "Created".into(), &[], occasion);
            self.accounts.put(account);
            return Ok(Performed { output, why: Some(why), written });
        };
        if input.existing == Existing::Refuse {
            return Err(failures::account_exists(&self.known_account(id)?.name));
        }
        let account = (**self.known_account(id)?).clone();
        let news = match input.existing {
            Existing::Leave | Existing::Refuse => Map::new(),
            Existing::NewerWins => input.fields.clone(),
            Existing::FillEmpty => {
                let has = account.record();
                let is_empty = |name: &str| match name {
                    "domains" | "aliases" | "website" | "external_ids" => true,
                    "opportunity_amount" | "opportunity_stage" | "opportunity_since" => {
                        account.opportunity.is_none()
                    }
                    own => {
                        has.get(own).is_none_or(crate::field::is_blank) && !account.fields.contains_key(own)
                    }
                };
                let news = input.fields.iter().filter(|(name, _)| is_empty(name));
                news.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        };
        let (owner, parent) = match input.existing {
            Existing::NewerWins => (owner, parent),
            Existing::FillEmpty => {
                (owner.filter(|_| account.owner_id.is_none()), parent.filter(|_| account.parent_id.is_none()))
            }
            Existing::Leave | Existing::Refuse => (None, None),
        };
        let mut done = self.change_account(account, &news, false, owner, parent, occasion)?;
        done.output["created"] = false.into();
        done.output["found"] = true.into();
        Ok(done)
    }

    pub(super) fn update_account(
        &mut self,
        input: &UpdateAccount,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let id = Lookup::of_text(&input.account).find(&self.accounts);
        let id = id.ok_or_else(|| failures::no_such_account(input.account.trim()))?;
        let parent = self.parent(input.parent.as_deref())?;
        let owner = self.account_owner(input.owner.as_deref())?;
        let account = (**self.known_account(id)?).clone();
        self.change_account(account, &input.fields, input.clears, owner, parent, occasion)
    }

    fn change_account(
        &mut self,
        mut account: Account,
        fields: &Map<String, Value>,
        clears: bool,
        owner: Option<Option<Uuid>>,
        parent: Option<Option<Uuid>>,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let mut told = account.fill(fields, clears).map_err(|problem| failures::account_value(&problem))?;
        let mut note = |field: &str, old: Option<Uuid>, new: Option<Uuid>| {
            if old != new {
                told.push(Told { field: field.into(), old: json!(old), new: json!(new) });
            }
        };
        let owner_names = (self.name_of_owner(account.owner_id), self.name_of_owner(owner.flatten()));
        let parent_names = (self.name_of(account.parent_id), self.name_of(parent.flatten()));
        if let Some(owner) = owner {
            note("owner", account.owner_id, owner);
            account.owner_id = owner;
        }
        if let Some(parent) = parent {
            note("parent", account.parent_id, parent);
            account.parent_id = parent;
        }
        if let Some(parent) = account.parent_id {
            self.refuse_circle(account.id, parent)?;
        }
        let why = if told.is_empty() {
            format!("{} has all of it already.", account.name)
        } else {
            let fields = told.iter().map(|told| told.field.as_str()).collect::<Vec<_>>();
            format!("Changed {} of {}.", crate::book::all_of(fields.into_iter()), account.name)
        };
        let written = told.iter().map(|told| Change {
            label: format!("Account: {}", told.field.replace('_', " ")),
            old: told.old.clone(),
            new: told.new.clone(),
            target: None,
        });
        let written = written.collect();
        if !told.is_empty() {
            account.updated_at = occasion.at;
            // People read names, and an id says nothing to them.
            for one in &mut told {
                let names = match one.field.as_str() {
                    "owner" => &owner_names,
                    "parent" => &parent_names,
                    _ => continue,
                };
                (one.old, one.new) = (json!(names.0), json!(names.1));
            }
            let fields = told.iter().map(|told| told.field.replace('_', " ")).collect::<Vec<_>>();
            let title = format!("Changed {}", crate::book::all_of(fields.iter().map(String::as_str)));
            self.tell_of(account.id, title, &told, occasion);
            self.accounts.put(account.clone());
        }
        Ok(Performed { output: json!({ "account": account.record() }), why: Some(why), written })
    }

    /// Adds to the timeline of an account.
    fn tell_of(&mut self, account_id: Uuid, title: String, told: &[Told], occasion: &Occasion<'_>) {
        let (old, new) = values(told);
        self.added.account_activities.push(AccountActivity {
            account_id,
            at: occasion.at,
            title,
            old,
            new,
            run_id: occasion.run_id,
            step: occasion.step.map(str::to_owned),
            by: occasion.by.cloned(),
        });
    }

    fn name_of_owner(&self, owner: Option<Uuid>) -> Option<String> {
        let owner = self.known_owner(&owner?.to_string()).ok()??;
        Some(owner.name.clone())
    }

    fn name_of(&self, account: Option<Uuid>) -> Option<String> {
        self.accounts.account(account?).map(|account| account.name.clone())
    }

    /// The parent that was asked for: not at all, none, or this one.
    fn parent(&self, asked: Option<&str>) -> Result<Option<Option<Uuid>>, Failure> {
        let Some(asked) = asked.map(str::trim) else { return Ok(None) };
        if asked.is_empty() {
            return Ok(Some(None));
        }
        let found = Lookup::of_text(asked).find(&self.accounts);
        found.map(|id| Some(Some(id))).ok_or_else(|| failures::no_such_account(asked))
    }

    fn account_owner(&mut self, asked: Option<&str>) -> Result<Option<Option<Uuid>>, Failure> {
        let Some(asked) = asked.map(str::trim) else { return Ok(None) };
        if asked.is_empty() {
            return Ok(Some(None));
        }
        let known = self.owners.get(asked).ok_or_else(|| failures::not_supplied("the owner"))?;
        let owner = Arc::clone(known.as_ref().ok_or_else(|| failures::no_such_owner(asked))?);
        let id = owner.id;
        // A later operation may ask for this owner when nobody can be asked any more.
        self.owners.entry(id.to_string()).or_insert(Some(owner));
        Ok(Some(Some(id)))
    }

    /// Refuses to make an account a part of itself, however many levels down, and hierarchies without end.
    fn refuse_circle(&self, account: Uuid, parent: Uuid) -> Result<(), Failure> {
        let mut next = Some(parent);
        for _ in 0..MAX_DEPTH {
            match next {
                None => return Ok(()),
                Some(id) if id == account => break,
                Some(id) => next = self.accounts.account(id).and_then(|account| account.parent_id),
            }
        }
        Err(failures::account_circle())
    }
}
