//! Columns of the leads page and of exports: what they are called, and what stands in them.

use serde_json::Value;
use trunkline_leads::field::Field;
use trunkline_leads::own_field::OwnFields;
use trunkline_store::ports::LeadRow;

/// What names of own fields begin with.
const OWN: &str = "fields.";

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadColumn {
    /// The best name there is.
    Name,
    /// A core field.
    Core(Field),
    /// An own field, by its technical name.
    Own(String),
    /// Something that Trunkline itself writes.
    Kept(Kept),
}

/// What Trunkline itself writes of a lead and people look at in lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Its id.
    Id,
    /// The stage.
    Stage,
    /// Since when it is there.
    StageSince,
    /// The score.
    Score,
    /// The grade of the score.
    Grade,
    /// The owner's name.
    Owner,
    /// Why it is theirs.
    OwnerReason,
    /// The segments.
    Segments,
    /// When it was first seen.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// A name that is no column's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no column called {0}")]
pub struct UnknownColumn(pub String);

impl Kept {
    const ALL: [(Self, &'static str, &'static str); 10] = [
        (Self::Stage, "stage", "Stage"),
        (Self::Score, "score", "Score"),
        (Self::Grade, "grade", "Grade"),
        (Self::Owner, "owner", "Owner"),
        (Self::OwnerReason, "owner_reason", "Why the owner"),
        (Self::Segments, "segments", "Segments"),
        (Self::StageSince, "stage_since", "In the stage since"),
        (Self::CreatedAt, "created_at", "First seen"),
        (Self::UpdatedAt, "updated_at", "Changed"),
        (Self::Id, "id", "Id"),
    ];

    fn words(self) -> (&'static str, &'static str) {
        let found = Self::ALL.iter().find(|(kept, ..)| *kept == self);
        found.map(|(_, name, label)| (*name, *label)).expect("all of them are listed")
    }
}

impl LeadColumn {
    /// The column called `name`; an own field needs not be defined.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(name: &str) -> Result<Self, UnknownColumn> {
        if name == "name" {
            return Ok(Self::Name);
        }
        if let Some(own) = name.strip_prefix(OWN).filter(|own| !own.is_empty()) {
            return Ok(Self::Own(own.to_owned()));
        }
        let kept = Kept::ALL.iter().find(|(_, kept, _)| *kept == name).map(|(kept, ..)| Self::Kept(*kept));
        kept.or_else(|| Field::find(name).map(Self::Core)).ok_or_else(|| UnknownColumn(name.to_owned()))
    }

    /// The columns called by `names`, which are separated by commas; each once.
    ///
    /// # Errors
    /// When one of them is unknown.
    pub fn list(names: &str) -> Result<Vec<Self>, UnknownColumn> {
        let mut columns = Vec::new();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let column = Self::find(name)?;
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        Ok(columns)
    }

    /// All there are, in the order people think of them, the defined own fields last.
    pub fn all(own: &OwnFields) -> Vec<Self> {
        let kept = Kept::ALL.iter().map(|(kept, ..)| Self::Kept(*kept));
        let core = Field::ALL.into_iter().map(Self::Core);
        let own = own.iter().map(|(name, _)| Self::Own(name.to_owned()));
        std::iter::once(Self::Name).chain(kept).chain(core).chain(own).collect()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Name => "name".into(),
            Self::Core(field) => field.as_str().into(),
            Self::Own(name) => format!("{OWN}{name}"),
            Self::Kept(kept) => kept.words().0.into(),
        }
    }

    /// What people read above it.
    #[must_use]
    pub fn label(&self, own: &OwnFields) -> String {
        match self {
            Self::Name => "Name".into(),
            Self::Core(field) => field.label().into(),
            Self::Own(name) => own.label(name).into(),
            Self::Kept(kept) => kept.words().1.into(),
        }
    }

    /// What stands in it for a lead; `null` for nothing.
    #[must_use]
    pub fn value(&self, LeadRow { lead, owner }: &LeadRow) -> Value {
        let moment = |at: chrono::DateTime<chrono::Utc>| {
            Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        };
        match self {
            Self::Name => lead.name().into(),
            Self::Core(field) => field.get(lead),
            Self::Own(name) => lead.fields.get(name).cloned().unwrap_or_default(),
            Self::Kept(Kept::Id) => lead.id.to_string().into(),
            Self::Kept(Kept::Stage) => lead.stage.as_str().into(),
            Self::Kept(Kept::StageSince) => moment(lead.in_stage_since()),
            Self::Kept(Kept::Score) => lead.score.into(),
            Self::Kept(Kept::Grade) => lead.scored.as_ref().and_then(|scored| scored.grade.clone()).into(),
            Self::Kept(Kept::Owner) => owner.as_ref().map(|owner| owner.name.as_str()).into(),
            Self::Kept(Kept::OwnerReason) => lead.owner_reason.clone().into(),
            Self::Kept(Kept::Segments) => lead.segments.clone().into(),
            Self::Kept(Kept::CreatedAt) => moment(lead.created_at),
            Self::Kept(Kept::UpdatedAt) => moment(lead.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;
    use trunkline_leads::Lead;
    use uuid::Uuid;

    #[test]
    fn every_column_is_found_by_its_name() {
        let all = LeadColumn::all(&OwnFields::default());
        assert_eq!(all.len(), 1 + 10 + 23);
        for column in all.into_iter().chain([LeadColumn::Own("plan".into())]) {
            assert_eq!(LeadColumn::find(&column.name()), Ok(column));
        }
        assert_eq!(LeadColumn::list("name, stage,,name").unwrap().len(), 2);
        assert_eq!(LeadColumn::list("shoe_size").unwrap_err(), UnknownColumn("shoe_size".into()));
    }

    #[test]
    fn values_are_those_of_the_lead() {
        let mut lead = Lead::new(Uuid::nil(), "Known", DateTime::UNIX_EPOCH);
        lead.email = Some("ada@example.com".into());
        lead.fields.insert("plan".into(), json!(["a", "b"]));
        let row = LeadRow { lead, owner: None };
        let of = |name: &str| LeadColumn::find(name).unwrap().value(&row);
        assert_eq!(of("name"), json!("ada@example.com"));
        assert_eq!(of("fields.plan"), json!(["a", "b"]));
        assert_eq!((of("owner"), of("score"), of("stage")), (Value::Null, Value::Null, json!("Known")));
        assert_eq!(of("created_at"), json!("1970-01-01T00:00:00Z"));
    }
}
