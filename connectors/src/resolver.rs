//! Name resolution that hands out only addresses the policy allows.
//!
//! The connector dials exactly what it gets from here, so a name that answers differently the second
//! time (DNS rebinding) gains nothing.

use crate::policy::Policy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;

/// A name whose addresses are all outside what the policy allows.
#[derive(Debug, thiserror::Error)]
#[error("{name} leads to an address that is not public")]
pub(crate) struct RefusedName {
    name: String,
}

/// Looks names up and drops every address the policy does not allow.
pub(crate) struct GuardedResolver {
    pub(crate) policy: Arc<Policy>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let any = !found.is_empty();
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|address| policy.allows_address(address.ip())).collect();
            if any && allowed.is_empty() {
                return Err(RefusedName { name: name.as_str().to_owned() }.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
