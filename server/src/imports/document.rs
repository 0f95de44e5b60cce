//! The workflow that imports run in, and the document of an undo. Both are written here and nowhere else.

use serde_json::json;
use trunkline_engine::document::Document;

/// What the workflow is called in which imports run.
pub const NAME: &str = "Imports of lists";

/// The document of an import. With a workflow every lead that the import was about starts a run of it, once, when all rows
/// are in.
///
/// # Panics
/// Never: the document is of this build.
#[must_use]
pub fn importing(workflow: Option<&str>) -> Document {
    let mut document = json!({
        "format": 1,
        "name": NAME,
        "description": "Lists that people import run here, stretch by stretch.",
        "settings": { "priority": "low" },
        "steps": {
            "start": { "kind": "manual", "title": "Someone started an import", "config": {} },
            "rows": {
                "kind": "import_list", "title": "Rows of the list",
                "config": { "import": "{{ trigger.body.import }}" },
                "body": {
                    "steps": {
                        "write": { "kind": "import_rows", "title": "Import rows", "config": { "rows": "{{ item }}" } }
                    },
                    "edges": []
                }
            }
        },
        "edges": [{ "from": "start", "to": "rows" }]
    });
    if let Some(workflow) = workflow {
        document["steps"]["each"] = json!({
            "kind": "loop", "title": "Leads of the list",
            "config": { "from": "leads", "import": "{{ trigger.body.import }}", "slice": 500, "on_item_error": "collect" },
            "body": {
                "steps": {
                    "call": {
                        "kind": "call_workflow", "title": "Start the workflow",
                        "config": { "workflow": workflow, "input": "{{ item }}", "wait": false }
                    }
                },
                "edges": []
            }
        });
        document["edges"] = json!([{ "from": "start", "to": "rows" }, { "from": "rows", "to": "each" }]);
    }
    serde_json::from_value(document).expect("a document of this build")
}

/// The document that turns rows back.
///
/// # Panics
/// Never: the document is of this build.
#[must_use]
pub fn undoing() -> Document {
    serde_json::from_value(json!({
        "format": 1,
        "name": "Undo of an import",
        "steps": {
            "start": { "kind": "manual", "title": "Someone undid an import", "config": {} },
            "undo": {
                "kind": "import_rows", "title": "Put back",
                "config": { "rows": "{{ trigger.body.rows }}", "undo": true }
            }
        },
        "edges": [{ "from": "start", "to": "undo" }]
    }))
    .expect("a document of this build")
}

#[cfg(test)]
mod tests {
    use trunkline_engine::compile::{self, Severity};

    #[test]
    fn the_documents_have_no_problem() {
        let registry = crate::serve::registry();
        let workflow = "01890000-0000-7000-8000-0000000000aa";
        for document in [super::importing(None), super::importing(Some(workflow)), super::undoing()] {
            let problems = compile::check(&document, &registry);
            let errors: Vec<_> =
                problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }
}
