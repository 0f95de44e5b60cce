//! WASM plugins: steps that administrators install, sandboxed.
//!
//! What holds here, whatever a plugin is made of:
//! - A guest reaches nothing but what it declared and an administrator approved; what it imports beyond `wit/` is not
//!   linked.
//! - A secret never enters a guest: it names a connection, and the host adds the credentials outside of it.
//! - Clock and chance come from the journal, so a call that is repeated sees what it saw.
//! - A call has a fresh instance, and limits on computing, time, memory, output and words. Guests run on threads of their
//!   own, so that the engine's loop never waits for one.
//! - A bad plugin fails its step, with a code and its name, and never the server.
//! - No machine code is loaded that this server did not compile and seal.
//! - Nothing is made before the first plugin is called: a server without plugins pays nothing.
//!
//! This crate knows nothing of `store`, `connectors` or `server`; what a guest may do comes in through [`outside`].
//!
//! | Task | Files |
//! |---|---|
//! | Change what plugins can import or have to export | a new folder in `wit/`, `host/imports.rs` |
//! | Change what a description can say | `description.rs`, `description/check.rs`, docs/guides/plugins.md |
//! | Change limits | `limits.rs` |
//! | Change how code is compiled, sealed and loaded | `host/compile.rs`, `host/cache.rs` |
//! | Change what one call is | `host/call.rs` |
//! | Change the step Code | `code.rs`, `code/` |
//! | Add an error | `failures.rs`, a page in docs/errors |

pub mod code;
pub mod component;
pub mod description;
pub mod failures;
pub mod host;
pub mod index;
pub mod limits;
pub mod outside;
pub mod signature;
pub mod step;

pub use description::{Capabilities, Description, Effect, Version};
pub use host::{Answer, Call, Host, Loaded, Settings};
pub use limits::Limits;
