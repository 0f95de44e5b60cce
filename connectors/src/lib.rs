//! The world outside: everything Trunkline asks of another system over HTTP goes through [`Client`].
//!
//! What holds here, whatever a workflow, a form or an answer says:
//! - No request reaches a private, loopback or link-local address unless an administrator allowed it,
//!   and the address that was checked is the address that is dialled.
//! - Every redirect is checked like a first request; credentials do not follow to another origin.
//! - An answer is read up to a limit, counted after decompression, within a time limit that covers all hops.
//! - No proxy from the environment is used; TLS is rustls, and certificates are always verified.
//! - A failure says whether trying again can help and whether the request may have arrived.
//!
//! Apps that speak something else than HTTP (mail, databases, object storage, SFTP) are described by manifests as well and
//! done by [`native`]; they dial under the same policy.
//!
//! Beside the client stand the apps: one YAML file each (`apps/`), read by [`manifest`], done by [`interpreter`], offered
//! as step kinds by [`catalog`]. An app is called only through the client, and its credentials reach only its own hosts.
//!
//! This crate never sees a workflow, a run or the store, and never keeps a secret.
//!
//! | Task | Files |
//! |---|---|
//! | Add an app | `cargo xtask new connector NAME`, then `apps/NAME.yaml` |
//! | Change the vocabulary | `manifest/`, `docs/guides/add-a-connector.md`, `cargo xtask reference` |
//! | Change what is done with it | `interpreter/` |
//! | Change what becomes of an OpenAPI document | `openapi/`, `docs/guides/openapi-import.md` |
//! | Add a protocol | `native/`, `manifest/protocol.rs`, then `apps/NAME.yaml` |
//! | Change how connections prove who they are | `credentials/` |

#![cfg_attr(test, allow(clippy::needless_pass_by_value, reason = "cases read better with `json!` in place"))]

mod address;
mod body;
pub mod catalog;
mod client;
pub mod credentials;
mod dial;
mod error;
pub mod interpreter;
mod loop_step;
pub mod manifest;
pub mod native;
pub mod openapi;
pub mod page;
pub mod perform;
mod policy;
pub mod recorded;
mod request;
mod resolver;
pub mod step;
pub mod sync;
pub mod throttle;
pub mod time;
mod tls;
mod trigger_step;

pub use address::is_public;
pub use catalog::{Catalog, CatalogError};
pub use client::{Client, ClientError};
pub use error::CallError;
pub use policy::{AllowRule, AllowRuleError, Policy};
pub use request::{Request, Response};
pub use reqwest::Method;
