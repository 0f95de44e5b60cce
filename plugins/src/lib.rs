//! WASM plugins: steps and connectors that administrators install, sandboxed.
//!
//! This crate will hold the host (wasmtime), the WIT interface and the SDKs. It exists now so that its place in the
//! house and its laws are fixed before the first guest runs:
//!
//! - a guest reaches nothing but what it declared and an administrator approved;
//! - secrets never enter a guest: the host adds them to requests;
//! - every call passes the engine's gate, so a plugin's step is journaled like any other;
//! - a bad plugin fails its step with a coded error and never the server;
//! - this crate knows nothing of `store`, `connectors` or `server`.
