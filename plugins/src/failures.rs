//! Everything that can go wrong with a plugin, with its code, what happened and who acts. Each names the plugin.

use crate::index::Kind;
use chrono::{DateTime, TimeDelta, Utc};
use trunkline_engine::failure::{Failure, FailureKind};

/// Longest message of a plugin that is kept.
const LONGEST_MESSAGE: usize = 500;
/// Longest time a plugin may ask to wait, in seconds.
const LONGEST_WAIT: u32 = 30 * 24 * 60 * 60;

/// What the advice says when only the plugin's author can mend it.
const ASK_THE_AUTHOR: &str = "Tell whoever wrote the plugin, or disable it under Settings > Plugins until there is a version that works.";

/// A file that is not taken in as a plugin.
#[must_use]
pub fn no_plugin(why: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0001",
        format!("the file is no plugin: {}", said(why)),
        "Get the file again from whoever wrote the plugin; it must be a WebAssembly component.",
    )
}

/// A component that imports more than there is.
#[must_use]
pub fn strange_imports(names: &[String]) -> Failure {
    Failure::bad_input(
        "PLUG-0002",
        format!("the plugin wants to use what no plugin may: {}", said(&names.join(", "))),
        "Build it again for the world in plugins/wit, without WASI; the guide to plugins shows how.",
    )
}

/// A description that does not hold.
#[must_use]
pub fn lying(why: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0003",
        format!("what the plugin says of itself does not hold: {}", said(why)),
        "Tell whoever wrote the plugin; `trunkline plugin test` says the same.",
    )
}

/// A component that cannot be compiled.
#[must_use]
pub fn not_compiled(why: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0004",
        format!("the plugin cannot be compiled: {}", said(why)),
        "If it was taken before, look at the server's memory and disk; else tell whoever wrote the plugin.",
    )
}

/// A signature that is missing or wrong.
#[must_use]
pub fn unsigned(kind: Kind, name: &str, why: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0005",
        format!("the signature of the {kind} {name} does not hold: {why}"),
        "Get file and signature again, or have an administrator trust the key (TRUNKLINE_PLUGIN_KEYS).",
    )
}

/// Bytes that are not those that were approved.
#[must_use]
pub fn changed(kind: Kind, name: &str, wanted: &[u8; 32], found: &[u8; 32]) -> Failure {
    let (wanted, found) = (hex::encode(wanted), hex::encode(found));
    Failure::new(
        "PLUG-0007",
        FailureKind::Fatal,
        format!("the {kind} {name} is not what was approved: its SHA-256 is {found}, not {wanted}"),
        format!("Somebody or something changed the file. Install the {kind} again from where it came."),
    )
}

/// A plugin that is not there, not approved or switched off.
#[must_use]
pub fn not_ready(plugin: &str, why: &str) -> Failure {
    Failure::new(
        "PLUG-0010",
        FailureKind::Fatal,
        format!("the plugin {} {why}", said(plugin)),
        "Ask an administrator to install, approve or enable it under Settings > Plugins; then run the step again.",
    )
}

/// More computing than the limit.
#[must_use]
pub fn too_much_work(plugin: &str, limit_ms: u64) -> Failure {
    Failure::new(
        "PLUG-0011",
        FailureKind::Fatal,
        format!("the plugin {plugin} computed for more than {limit_ms} ms and was stopped"),
        "Give it less at a time, or ask an administrator for a higher limit under Settings > Plugins.",
    )
}

/// No end in the time allowed. `may_have_written` when nobody knows what became of a change.
#[must_use]
pub fn too_slow(plugin: &str, limit_ms: u64, may_have_written: bool) -> Failure {
    let kind = if may_have_written { FailureKind::UnknownOutcome } else { FailureKind::Timeout };
    Failure::new(
        "PLUG-0012",
        kind,
        format!("the plugin {plugin} did not end within {limit_ms} ms"),
        "Give the step a longer time-out, or look at why what the plugin calls is slow.",
    )
}

/// More memory than the limit.
#[must_use]
pub fn too_big(plugin: &str, what: &str) -> Failure {
    Failure::new(
        "PLUG-0013",
        FailureKind::Fatal,
        format!("the plugin {plugin} asked for more than its {what} and was stopped"),
        "Give it less at a time, or ask an administrator for a higher limit under Settings > Plugins.",
    )
}

/// It stopped in the middle.
#[must_use]
pub fn crashed(plugin: &str, how: &str, may_have_written: bool) -> Failure {
    let kind = if may_have_written { FailureKind::UnknownOutcome } else { FailureKind::Fatal };
    Failure::new("PLUG-0014", kind, format!("the plugin {plugin} crashed: {}", said(how)), ASK_THE_AUTHOR)
}

/// An answer that is none.
#[must_use]
pub fn unusable(plugin: &str, why: &str, may_have_written: bool) -> Failure {
    let kind = if may_have_written { FailureKind::UnknownOutcome } else { FailureKind::Fatal };
    let message = format!("what the plugin {plugin} put out cannot be used: {}", said(why));
    Failure::new("PLUG-0015", kind, message, ASK_THE_AUTHOR)
}

/// More lines than the limit.
#[must_use]
pub fn too_talkative(plugin: &str, most: u32) -> Failure {
    Failure::new(
        "PLUG-0016",
        FailureKind::Fatal,
        format!("the plugin {plugin} wrote more than {most} lines into the log and was stopped"),
        ASK_THE_AUTHOR,
    )
}

/// Something it never declared, or that nobody approved.
#[must_use]
pub fn out_of_reach(plugin: &str, what: &str) -> Failure {
    Failure::new(
        "PLUG-0017",
        FailureKind::Fatal,
        format!("the plugin {plugin} may not do this: {}", said(what)),
        "A plugin reaches what it declares and an administrator approved; tell whoever wrote it what is missing.",
    )
}

/// As many calls as there may be.
#[must_use]
pub fn crowded(plugin: &str) -> Failure {
    Failure::new(
        "PLUG-0018",
        FailureKind::Temporary,
        format!("the plugin {plugin} is at work for other steps, and no place came free in time"),
        "Nothing was done. Give the step retries or a longer time-out, or run fewer events at a time.",
    )
}

/// What the plugin itself says failed.
#[must_use]
pub fn of_the_plugin(
    plugin: &str,
    kind: FailureKind,
    message: &str,
    retry_after: Option<u32>,
    now: DateTime<Utc>,
) -> Failure {
    let wait = retry_after.map(|seconds| TimeDelta::seconds(i64::from(seconds.min(LONGEST_WAIT))));
    let failure = Failure::new(
        "PLUG-0019",
        kind,
        format!("{plugin}: {}", said(message)),
        "The message is the plugin's own; its help under Settings > Plugins may say more.",
    );
    Failure { retry_at: wait.and_then(|wait| now.checked_add_signed(wait)), ..failure }
}

/// More kept than the limit.
#[must_use]
pub fn keeps_too_much(plugin: &str, what: &str) -> Failure {
    Failure::new(
        "PLUG-0020",
        FailureKind::Fatal,
        format!("the plugin {plugin} wants to keep too much: {what}"),
        ASK_THE_AUTHOR,
    )
}

/// Settings that a step cannot work with.
#[must_use]
pub fn wrong_setting(plugin: &str, why: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0021",
        format!("a setting does not fit the plugin {plugin}: {}", said(why)),
        "Correct the setting, or what its expression gives.",
    )
}

/// A component for an interface that is not served.
#[must_use]
pub fn other_interface(version: &str, served: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0022",
        format!("the plugin was built for interface {}, and this server serves {served}", said(version)),
        "Get a release of the plugin for this server, or bring the server up to date.",
    )
}

/// An index that cannot be read.
#[must_use]
pub fn no_index(why: &str) -> Failure {
    Failure::bad_input(
        "PLUG-0023",
        format!("the index of plugins cannot be read: {}", said(why)),
        "Look at TRUNKLINE_PLUGIN_INDEX and what lies there; `trunkline plugin index` writes an index.",
    )
}

/// A stranger's words, fit to be shown and kept: one line, no control characters, not too long.
#[must_use]
pub fn said(text: &str) -> String {
    let mut kept = String::new();
    for letter in text.chars() {
        if kept.chars().count() >= LONGEST_MESSAGE {
            kept.push('\u{2026}');
            break;
        }
        match letter {
            '\n' | '\t' => kept.push(' '),
            letter if letter.is_control() => {}
            letter => kept.push(letter),
        }
    }
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_s_words_move_no_cursor() {
        assert_eq!(said("a\u{1b}[2J\nb\u{7}"), "a[2J b");
        assert_eq!(said(&"x".repeat(2_000)).chars().count(), LONGEST_MESSAGE + 1);
    }

    #[test]
    fn a_wait_is_bounded() {
        let now = DateTime::UNIX_EPOCH;
        let failure = of_the_plugin("p", FailureKind::RateLimited, "later", Some(u32::MAX), now);
        assert_eq!(failure.retry_at, Some(now + TimeDelta::days(30)));
    }
}
