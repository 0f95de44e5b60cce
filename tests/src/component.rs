//! Plugins written as text, for tests: what a well-behaved tool chain never makes can be written here.
//!
//! A plugin is a description and the body of `run` in WebAssembly text. The body sees its parameters as locals: 0 and 1
//! are the step, 2 and 3 the input, 4 and 5 the workflow, 6 and 7 the key (each where it lies and how long it is), 8 the
//! moment. It gives back where its result lies; `$ok` and `$fail` write one.

use serde_json::{Value, json};
use std::fmt::Write as _;

/// Where the description lies in the plugin's memory.
const ABOUT: usize = 8 * 1024;

/// A plugin as text.
#[derive(Debug, Clone)]
pub struct Text {
    /// What it says of itself.
    pub about: Value,
    /// The body of `run`.
    pub body: String,
    /// More functions of the core module.
    pub more: String,
    /// Texts in its memory: where, and what.
    pub texts: Vec<(usize, String)>,
    /// What stands in place of the description's body, for those that lie.
    pub describe: Option<String>,
    /// What `realloc` does before it gives memory.
    pub realloc: String,
}

/// A description with one step called `step` that has `effect` and takes any text.
#[must_use]
pub fn about(name: &str, effect: &str) -> Value {
    json!({
        "format": 1, "name": name, "title": format!("The {name}"), "version": "1.0.0",
        "summary": "A plugin of a test.",
        "steps": [{
            "name": "step", "title": "Do it", "summary": "Does it.", "effect": effect,
            "settings": {"type": "object", "properties": {"text": {"type": "string", "title": "Text"}}},
            "examples": [{"settings": {"text": "x"}, "output": {"text": "x"}}],
        }],
    })
}

/// Gives its input back.
pub const ECHO: &str = "(call $ok (local.get 2) (local.get 3))";

impl Text {
    /// A plugin called `name` whose only step computes `body`.
    #[must_use]
    pub fn pure(name: &str, body: &str) -> Self {
        Self::of(about(name, "pure"), body)
    }

    /// A plugin that says `about` and does `body`.
    #[must_use]
    pub fn of(about: Value, body: &str) -> Self {
        Self {
            about,
            body: body.to_owned(),
            more: String::new(),
            texts: Vec::new(),
            describe: None,
            realloc: String::new(),
        }
    }

    /// The component.
    ///
    /// # Panics
    /// When the text is none, which is a mistake of the test.
    #[must_use]
    pub fn component(&self) -> Vec<u8> {
        wat::parse_str(self.text()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The component as text.
    #[must_use]
    pub fn text(&self) -> String {
        let about = self.about.to_string();
        let length = about.len();
        let mut data = format!("(data (i32.const {ABOUT}) \"{}\")", escaped(&about));
        for (at, text) in &self.texts {
            let _ = write!(data, "(data (i32.const {at}) \"{}\")", escaped(text));
        }
        let describe = self
            .describe
            .clone()
            .unwrap_or_else(|| format!("(call $text (i32.const {ABOUT}) (i32.const {length}))"));
        TEMPLATE
            .replace("DATA", &data)
            .replace("DESCRIBE", &describe)
            .replace("REALLOC", &self.realloc)
            .replace("MORE", &self.more)
            .replace("BODY", &self.body)
    }
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "\\{byte:02x}");
        escaped
    })
}

const TEMPLATE: &str = r#"
(component
  (import "trunkline:plugin/log@1.0.0" (instance $log
    (type $level' (enum "debug" "info" "warn" "error"))
    (export "level" (type $level (eq $level')))
    (export "write" (func (param "level" $level) (param "message" string)))))
  (import "trunkline:plugin/clock@1.0.0" (instance $clock (export "now" (func (result u64)))))
  (import "trunkline:plugin/random@1.0.0" (instance $random
    (export "bytes" (func (param "count" u32) (result (list u8))))))
  (type $types' (instance
    (type $kind' (enum "bad-input" "auth" "rate-limited" "temporary" "fatal" "unknown-outcome"))
    (export "failure-kind" (type $kind (eq $kind')))
    (type $failure' (record (field "kind" $kind) (field "message" string) (field "retry-after-seconds" (option u32))))
    (export "failure" (type $failure (eq $failure')))
    (type $context' (record (field "workflow" string) (field "key" string) (field "now" u64)))
    (export "context" (type $context (eq $context')))
    (type $answer' (record (field "output" string) (field "port" (option string)) (field "why" (option string))))
    (export "answer" (type $answer (eq $answer')))))
  (import "trunkline:plugin/types@1.0.0" (instance $types (type $types')))
  (alias export $types "failure" (type $failure))
  (alias export $types "context" (type $context))
  (alias export $types "answer" (type $answer))
  (import "trunkline:plugin/http@1.0.0" (instance $http
    (alias outer 1 $failure (type $failure'))
    (export "failure" (type $failure (eq $failure')))
    (type $request' (record (field "method" string) (field "url" string)
      (field "headers" (list (tuple string string))) (field "body" (option (list u8)))
      (field "connection" (option string))))
    (export "request" (type $request (eq $request')))
    (type $response' (record (field "status" u16) (field "headers" (list (tuple string string)))
      (field "body" (list u8))))
    (export "response" (type $response (eq $response')))
    (export "send" (func (param "request" $request) (result (result $response (error $failure)))))))
  (import "trunkline:plugin/state@1.0.0" (instance $state
    (alias outer 1 $failure (type $failure'))
    (export "failure" (type $failure (eq $failure')))
    (export "get" (func (param "key" string) (result (result (option string) (error $failure)))))
    (export "set" (func (param "key" string) (param "value" (option string)) (result (result (error $failure)))))))

  (core module $libc
    (memory (export "memory") 3)
    (global $next (mut i32) (i32.const 131072))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      REALLOC
      (local.set $at (global.get $next))
      (global.set $next
        (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
      (block $enough
        (loop $more
          (br_if $enough (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
          (drop (memory.grow (i32.const 16)))
          (br $more)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $write (canon lower (func $log "write") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $now (canon lower (func $clock "now")))
  (core func $bytes (canon lower (func $random "bytes") (memory $memory) (realloc $realloc)))
  (core func $send (canon lower (func $http "send") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $get (canon lower (func $state "get") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (core func $set (canon lower (func $state "set") (memory $memory) (realloc $realloc) string-encoding=utf8))

  (core module $main
    (import "libc" "memory" (memory 3))
    (import "host" "write" (func $write (param i32 i32 i32)))
    (import "host" "now" (func $now (result i64)))
    (import "host" "bytes" (func $bytes (param i32 i32)))
    (import "host" "send"
      (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "get" (func $get (param i32 i32 i32)))
    (import "host" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
    DATA
    (func $text (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16))
    ;; An answer that is this text.
    (func $ok (param i32 i32) (result i32)
      (i32.store (i32.const 32) (i32.const 0))
      (i32.store (i32.const 36) (local.get 0))
      (i32.store (i32.const 40) (local.get 1))
      (i32.store (i32.const 44) (i32.const 0))
      (i32.store (i32.const 56) (i32.const 0))
      (i32.const 32))
    ;; A failure of this kind with this text, to be tried again after so many seconds (0 says nothing).
    (func $fail (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 32) (i32.const 1))
      (i32.store (i32.const 36) (local.get 0))
      (i32.store (i32.const 40) (local.get 1))
      (i32.store (i32.const 44) (local.get 2))
      (i32.store (i32.const 48) (i32.ne (local.get 3) (i32.const 0)))
      (i32.store (i32.const 52) (local.get 3))
      (i32.const 32))
    ;; Sends a request with this method and address; the result lies at 96. 0 when it was answered, 1 when not.
    (func $ask (param i32 i32 i32 i32) (result i32)
      (call $send (local.get 0) (local.get 1) (local.get 2) (local.get 3)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 96))
      (i32.load8_u (i32.const 96)))
    ;; The failure of $ask as its own.
    (func $hand_on (result i32)
      (call $fail (i32.load8_u (i32.const 100)) (i32.load (i32.const 104)) (i32.load (i32.const 108)) (i32.const 0)))
    ;; The body of what $ask was answered.
    (func $answered (result i32)
      (call $ok (i32.load (i32.const 112)) (i32.load (i32.const 116))))
    MORE
    (func (export "describe") (result i32) DESCRIBE)
    (func (export "run") (param i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32) BODY))
  (core instance $main (instantiate $main
    (with "libc" (instance $libc))
    (with "host" (instance
      (export "write" (func $write)) (export "now" (func $now)) (export "bytes" (func $bytes))
      (export "send" (func $send)) (export "get" (func $get)) (export "set" (func $set))))))

  (func $describe (result string)
    (canon lift (core func $main "describe") (memory $memory) string-encoding=utf8))
  (func $run (param "step" string) (param "input" string) (param "context" $context)
    (result (result $answer (error $failure)))
    (canon lift (core func $main "run") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (export "describe" (func $describe))
  (export "run" (func $run)))
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_a_component() {
        assert_eq!(&Text::pure("echo", ECHO).component()[..8], b"\0asm\x0d\0\x01\0");
    }
}
