//! How duplicates are looked for, as it is in force, and what people's answers teach about it.
//!
//! The settings are one definition with versions; what was learned is part of it, so that every version says by which
//! weights was judged while it was in force.

use crate::app::Shared;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;
use trunkline_leads::definition::IDENTITY;
use trunkline_leads::linkage::{
    Answered, DuplicateSettings, Lesson, Level, MOST_ANSWERS, Pattern, Role, Tally, learn,
};
use trunkline_store::Error;
use trunkline_store::ports::{
    AnsweredPair, Drafted, NewDefinition, PublishDefinition, SaveDefinition, WorkspaceId,
};
use uuid::Uuid;

/// The one definition of its kind.
const NAME: &str = "Duplicates";

/// Who changes the settings, and why.
#[derive(Debug, Clone)]
pub struct ChangedBy {
    /// Who.
    pub name: String,
    /// Why, in words.
    pub note: Option<String>,
}

/// The settings in force; those nobody set are the usual ones.
///
/// # Errors
/// When the store does not answer.
pub async fn in_force(app: &Shared, workspace: WorkspaceId) -> Result<DuplicateSettings, Error> {
    let published = app.store.definitions.published(workspace, IDENTITY.into()).await?;
    let document = published.first().map(|definition| definition.document().clone());
    Ok(document.and_then(|document| serde_json::from_value(document).ok()).unwrap_or_default())
}

/// The definition that holds them, once there is one.
///
/// # Errors
/// When the store does not answer.
pub async fn definition(app: &Shared, workspace: WorkspaceId) -> Result<Option<Drafted>, Error> {
    Ok(app.store.definitions.list(workspace, IDENTITY.into()).await?.into_iter().next())
}

/// Publishes settings as the next version.
///
/// # Errors
/// When the store does not answer, or when somebody else publishes at the same moment.
pub async fn publish(
    app: &Shared,
    workspace: WorkspaceId,
    settings: &DuplicateSettings,
    by: ChangedBy,
) -> Result<i64, Error> {
    let draft = serde_json::to_value(settings).unwrap_or_default();
    let (at, definitions) = (Utc::now().trunc_subsecs(6), &app.store.definitions);
    let (id, revision) = match definition(app, workspace).await? {
        Some(known) => {
            let save = SaveDefinition { name: NAME.into(), draft, base_revision: known.revision, at };
            (known.id, definitions.save(workspace, known.id, save).await?)
        }
        None => {
            let id = Uuid::now_v7();
            let new = NewDefinition { id, kind: IDENTITY.into(), name: NAME.into(), draft, at };
            definitions.create(workspace, new).await?;
            (id, 1)
        }
    };
    let ChangedBy { name, note } = by;
    let publish = PublishDefinition { base_revision: revision, by: Some(name), note, at };
    definitions.publish(workspace, id, publish).await
}

/// How many answers there are to learn from.
///
/// # Errors
/// When the store does not answer.
pub async fn tally(app: &Shared, workspace: WorkspaceId) -> Result<Tally, Error> {
    Ok(Tally::of(&answers(app, workspace).await?))
}

/// `settings` with what the answers there are teach, and without what they teach no longer.
///
/// # Errors
/// When the store does not answer.
pub async fn taught(
    app: &Shared,
    workspace: WorkspaceId,
    settings: DuplicateSettings,
    at: DateTime<Utc>,
) -> Result<DuplicateSettings, Error> {
    let answers = answers(app, workspace).await?;
    // Thousands of answers take a moment, and the runtime's threads have others to serve.
    let lesson = tokio::task::spawn_blocking(move || learn(&answers, at)).await.unwrap_or(Lesson::TooFew);
    let known = settings.taught.as_deref();
    let taught = match lesson {
        // The same answers teach the same: that is no new version.
        Lesson::Taught(new) if known.is_some_and(|known| known.corrections == new.corrections) => {
            settings.taught.clone()
        }
        Lesson::Taught(new) => Some(new),
        Lesson::NoBetter | Lesson::TooFew => None,
    };
    Ok(DuplicateSettings { taught, ..settings })
}

/// Why a version with what was learned is published, in words.
#[must_use]
pub fn note(settings: &DuplicateSettings) -> String {
    match settings.taught.as_deref() {
        Some(taught) => format!(
            "Learned from {} answers: {} merged, {} not the same.",
            taught.merged + taught.different,
            taught.merged,
            taught.different
        ),
        None => "Nothing is learned from answers yet: weights are as learned from the leads.".into(),
    }
}

async fn answers(app: &Shared, workspace: WorkspaceId) -> Result<Vec<Answered>, Error> {
    let answers = app.store.duplicates.answers(workspace, MOST_ANSWERS).await?;
    Ok(answers.into_iter().filter_map(answered).collect())
}

/// One reason of a pair, as far as it is learned from.
#[derive(Deserialize)]
struct Told {
    role: Role,
    level: Level,
}

/// `None` when the reasons were written by a version that this one cannot read.
fn answered(pair: AnsweredPair) -> Option<Answered> {
    let told: Vec<Told> = serde_json::from_value(pair.reasons).ok()?;
    Some(Answered {
        pair: pair.id,
        pattern: Pattern::of_levels(told.into_iter().map(|told| (told.role, told.level))),
        bits: pair.bits as f64 / 1_000.0,
        is_one: pair.is_one,
    })
}
