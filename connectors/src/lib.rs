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
//! This crate never sees a workflow, a run or the store, and never keeps a secret.
//! The catalog of connectors (one YAML file per app) will live beside the client.

mod address;
mod body;
mod client;
mod error;
mod policy;
mod request;
mod resolver;
mod tls;

pub use address::is_public;
pub use client::{Client, ClientError};
pub use error::CallError;
pub use policy::{AllowRule, AllowRuleError, Policy};
pub use request::{Request, Response};
pub use reqwest::Method;
