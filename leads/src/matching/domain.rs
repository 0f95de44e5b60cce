//! Domains: which company an address or a website points to.

use trunkline_engine::expression::filters;

/// The domain somebody registered, out of a web address, an e-mail address or a host name, in small letters.
#[must_use]
pub fn registered(text: &str) -> Option<String> {
    filters::registrable(text)
}

/// Whether anybody can open a mailbox at `domain`, so that it says nothing of a company.
#[must_use]
pub fn is_mailbox_provider(domain: &str) -> bool {
    filters::is_free_mailbox(&format!("somebody@{domain}")).unwrap_or_default()
}

/// The name within a registered domain: `acme` of `acme.co.uk`.
pub(crate) fn label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}
