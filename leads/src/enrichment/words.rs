//! Waterfalls as people read them.

use super::{Budget, Provider, Waterfall, label};
use crate::book::all_of;

/// `a, b and c`.
pub(crate) fn listed(things: impl IntoIterator<Item = String>) -> String {
    let things: Vec<String> = things.into_iter().collect();
    all_of(things.iter().map(String::as_str))
}

impl Waterfall {
    /// What it says, a sentence each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|wanted| match wanted.enough {
                0 => label(&wanted.field),
                enough => format!("{} (trust {enough} or more)", label(&wanted.field)),
            });
            sentences.push(format!("It fills {}.", listed(fields)));
        }
        for (at, provider) in self.providers.iter().enumerate() {
            let first = if at == 0 { "First" } else { "Then" };
            sentences.push(format!("{first} {}", provider.in_words(&self.currency)));
        }
        let budget = spent(&self.budget, &self.currency);
        if !budget.is_empty() {
            sentences.push(format!("All providers together: at most {}.", listed(budget)));
        }
        if self.trust_of_own < 100 {
            sentences.push(format!("Values that no provider gave are trusted {}.", self.trust_of_own));
        }
        sentences
    }
}

impl Provider {
    fn in_words(&self, currency: &str) -> String {
        let name = if self.name.trim().is_empty() { "a provider" } else { self.name.trim() };
        if self.off {
            return format!("{name}, which is switched off.");
        }
        let fills = self.fills.iter().map(|fill| format!("{} (trust {})", label(&fill.field), fill.trust));
        let mut text = format!("{name} is asked for {}", listed(fills));
        if !self.needs.is_empty() {
            text.push_str(&format!(
                ", if the lead has {}",
                listed(self.needs.iter().map(|field| label(field)))
            ));
        }
        let mut terms = Vec::new();
        if !self.cost_per_call.is_none() {
            terms.push(format!("{} {currency} a call", self.cost_per_call));
        }
        if !self.cost_per_hit.is_none() {
            terms.push(format!("{} {currency} a hit", self.cost_per_hit));
        }
        terms.extend(spent(&self.budget, currency).into_iter().map(|most| format!("at most {most}")));
        if let Some(count) = self.per_minute {
            terms.push(format!("{count} calls a minute"));
        }
        if !terms.is_empty() {
            text.push_str(&format!("; {}", terms.join(", ")));
        }
        text.push('.');
        text
    }
}

fn spent(budget: &Budget, currency: &str) -> Vec<String> {
    let calls = |most: Option<u64>, what: &str| most.map(|most| format!("{most} calls a {what}"));
    let money =
        |most: Option<super::Money>, what: &str| most.map(|most| format!("{most} {currency} a {what}"));
    [
        calls(budget.calls_per_day, "day"),
        calls(budget.calls_per_month, "month"),
        money(budget.money_per_day, "day"),
        money(budget.money_per_month, "month"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
