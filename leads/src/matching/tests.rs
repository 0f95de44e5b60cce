//! Leads of all sorts against a handful of accounts, and many accounts against the clock-free count of comparisons.

use super::*;
use crate::account::{Account, Opportunity};
use chrono::{DateTime, TimeDelta};
use std::sync::Arc;
use uuid::Uuid;

fn account(number: u128, name: &str, domains: &[&str]) -> Account {
    let mut account = Account::new(Uuid::from_u128(number), name, DateTime::UNIX_EPOCH);
    account.domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
    account
}

fn index(accounts: Vec<Account>) -> Index {
    let mut index = Index::default();
    for account in accounts {
        index.put(Candidate::new(Arc::new(account), 0, None));
    }
    index
}

fn some() -> Index {
    index(vec![
        account(1, "Acme Rockets GmbH", &["acme.de"]),
        account(2, "Globex Corporation", &["globex.com", "globex.co.uk"]),
        account(3, "Initech", &[]),
        account(4, "Asea Brown Boveri", &[]),
        account(5, "Müller Maschinenbau", &[]),
        account(6, "Globex Logistics", &["globex-logistics.com"]),
    ])
}

fn ask(index: &Index, traits: &Traits<'_>) -> Verdict {
    let settings = Matching::default();
    index.judge(&Probe::new(traits, &settings), &settings)
}

fn company(name: &str) -> Traits<'_> {
    Traits { company: Some(name), ..Traits::default() }
}

/// Who was found, by number.
fn who(verdict: &Verdict) -> Option<u128> {
    (verdict.outcome == Outcome::Matched).then(|| verdict.suggestions[0].account_id.as_u128())
}

#[test]
fn a_lead_is_known_by_its_domain() {
    let index = some();
    for (email, account) in [
        ("ada@acme.de", Some(1)),
        ("ada@mail.eu.globex.co.uk", Some(2)),
        ("ada@gmail.com", None),
        ("ada@yahoo.co.uk", None),
        ("nobody", None),
    ] {
        let verdict = ask(&index, &Traits { email: Some(email), ..Traits::default() });
        assert_eq!(who(&verdict), account, "{email}: {}", verdict.reason);
    }
    let verdict = ask(&index, &Traits { website: Some("https://www.globex.com/x"), ..Traits::default() });
    assert_eq!(verdict.reason, "The domain globex.com is the account's.");
}

#[test]
fn a_lead_is_known_by_the_name_of_its_company_however_it_is_written() {
    let index = some();
    for (name, account) in [
        ("ACME ROCKETS, INC.", 1),
        ("Acme Rockets", 1),
        ("AcmeRockets", 1),
        ("Acme Rokets GmbH", 1),
        ("INITECH LLC", 3),
        ("ABB Ltd", 4),
        ("Mueller Maschinenbau GmbH & Co. KG", 5),
        ("Globex Corp.", 2),
        ("The Globex Logistic Co.", 6),
    ] {
        let verdict = ask(&index, &company(name));
        assert_eq!(verdict.suggestions[0].account_id.as_u128(), account, "{name}: {verdict:?}");
    }
    assert_eq!(ask(&index, &company("Umbrella Corporation")).outcome, Outcome::None);
    assert_eq!(ask(&index, &company("")).outcome, Outcome::None);
}

#[test]
fn what_is_only_a_little_alike_goes_to_a_person() {
    let verdict = ask(&some(), &company("Acme Bakery"));
    assert_eq!(verdict.outcome, Outcome::Ambiguous, "{verdict:?}");
    assert!(verdict.reason.starts_with("Acme Rockets GmbH comes closest"), "{}", verdict.reason);
}

#[test]
fn tie_breakers_decide_in_their_order_and_otherwise_a_person_does() {
    let mut one = account(1, "Acme", &["acme.com"]);
    let mut two = account(2, "Acme", &["acme.com"]);
    let lead = Traits { email: Some("ada@acme.com"), country: Some("Germany"), ..Traits::default() };
    let verdict = ask(&index(vec![one.clone(), two.clone()]), &lead);
    assert_eq!(verdict.outcome, Outcome::Ambiguous);
    assert_eq!(verdict.reason, "Acme and Acme fit alike, and nothing decides between them.");

    two.country = Some("Deutschland".into());
    one.country = Some("Germany".into());
    one.is_named = true;
    two.opportunity = Some(Opportunity::default());
    let both = index(vec![one, two]);
    let verdict = ask(&both, &lead);
    assert_eq!(who(&verdict), Some(2));
    assert!(
        verdict.reason.ends_with("2 accounts fit alike; Acme has an open opportunity."),
        "{}",
        verdict.reason
    );

    let settings = Matching { tie_breakers: vec![TieBreaker::NamedAccount], ..Matching::default() };
    assert_eq!(who(&both.judge(&Probe::new(&lead, &settings), &settings)), Some(1));

    let recent = DateTime::UNIX_EPOCH + TimeDelta::days(1);
    let mut by_activity = Index::default();
    by_activity.put(Candidate::new(Arc::new(account(1, "Acme", &["acme.com"])), 9, None));
    by_activity.put(Candidate::new(Arc::new(account(2, "Acme", &["acme.com"])), 1, Some(recent)));
    assert_eq!(who(&ask(&by_activity, &lead)), Some(2));
    let settings = Matching { tie_breakers: vec![TieBreaker::MostLeads], ..Matching::default() };
    assert_eq!(who(&by_activity.judge(&Probe::new(&lead, &settings), &settings)), Some(1));
}

#[test]
fn an_address_supports_and_weakens() {
    let mut near = account(1, "Acme", &[]);
    near.city = Some("Köln".into());
    near.country = Some("Germany".into());
    let index = index(vec![near]);
    let confidence = |city, country| {
        ask(&index, &Traits { city: Some(city), country: Some(country), ..company("Acme") }).suggestions[0]
            .confidence
    };
    assert!(confidence("KOLN", "germany") > confidence("Bonn", "germany"));
    assert!(confidence("Bonn", "germany") > confidence("Bonn", "France"));
}

#[test]
fn an_index_forgets_and_changes() {
    let mut index = some();
    let mut renamed = account(3, "Initrode", &["initrode.com"]);
    renamed.aliases = vec!["Initech".into()];
    index.put(Candidate::new(Arc::new(renamed), 0, None));
    assert_eq!(index.len(), 6);
    assert_eq!(who(&ask(&index, &company("Initech"))), Some(3));
    assert_eq!(who(&ask(&index, &company("Initrode"))), Some(3));
    index.remove(Uuid::from_u128(3));
    assert_eq!(ask(&index, &company("Initrode")).outcome, Outcome::None);
    for number in [1, 2, 4, 5, 6] {
        index.remove(Uuid::from_u128(number));
    }
    assert!(index.is_empty());
}

/// Numbers as words no two of which are alike.
fn word(mut number: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "dro", "fi", "gul", "ka", "lem", "mo", "nur", "pex", "ri", "sto", "tam", "vo", "wik", "zan",
        "qui",
    ];
    let mut word = String::new();
    for _ in 0..4 {
        word.push_str(SYLLABLES[number % 16]);
        number /= 16;
    }
    word
}

#[test]
fn among_many_accounts_the_right_one_is_found_and_few_are_compared() {
    let many = (1..=20_000_u128).map(|number| {
        let place = usize::try_from(number).unwrap();
        account(
            number,
            &format!("{} International {} Ltd", word(place), ["Group", "Systems"][place % 2]),
            &[],
        )
    });
    let index = index(many.collect());
    let settings = Matching::default();
    for number in [7_usize, 1_234, 19_999] {
        let written = format!("{} intl {}", word(number).to_uppercase(), ["grp", "sys"][number % 2]);
        let probe = Probe::new(&company(&written), &settings);
        let verdict = index.judge(&probe, &settings);
        assert_eq!(who(&verdict), Some(number as u128), "{written}: {verdict:?}");
    }
}

#[test]
fn the_order_of_accounts_does_not_matter() {
    let traits = company("Globex");
    let forward = some();
    let mut backward = Index::default();
    for number in (1..=6).rev() {
        let account = forward.get(Uuid::from_u128(number)).unwrap();
        backward.put(Candidate::new(Arc::clone(account), 0, None));
    }
    assert_eq!(ask(&forward, &traits), ask(&backward, &traits));
}
