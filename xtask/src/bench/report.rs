//! Figures, as lines for machines or a table for people.

use serde::Serialize;

/// What one workload measured. Fields that do not apply are absent.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Figures {
    pub(super) workload: &'static str,
    pub(super) store: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) throughput_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p99_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_ms_per_run: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peak_rss_mb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rest_rss_mb: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lost: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) doubled: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ratio_to_baseline: Option<f64>,
    /// Memory beyond that of an idle server, in megabytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grown_mb: Option<f64>,
    /// How late the latest wake-up was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) late_ms: Option<f64>,
    /// Throughput over that with an empty store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ratio_to_empty: Option<f64>,
    /// p99 with an empty store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p99_empty_ms: Option<f64>,
    /// A page of the run list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) list_ms: Option<f64>,
    /// A search of runs by lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) search_ms: Option<f64>,
    /// One run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_ms: Option<f64>,
}

impl Figures {
    pub(super) fn new(workload: &'static str) -> Self {
        Self { workload, store: "sqlite", ..Self::default() }
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.lost.unwrap_or(0) + self.doubled.unwrap_or(0) > 0
    }

    pub(super) fn rank(&self) -> f64 {
        self.throughput_per_s.or(self.p50_ms).or(self.start_ms).unwrap_or(0.0)
    }
}

pub(super) struct Report {
    json: bool,
    rows: Vec<Figures>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self { json, rows: Vec::new() }
    }

    /// Takes a row; JSON lines are printed as they come, so that a broken run leaves what it had.
    pub(super) fn add(&mut self, mut figures: Figures, baseline: Option<f64>) {
        if let (Some(own), Some(ceiling)) = (figures.throughput_per_s, baseline) {
            figures.ratio_to_baseline = Some((own / ceiling * 1000.0).round() / 1000.0);
        }
        if self.json {
            println!("{}", serde_json::to_string(&figures).expect("figures are plain data"));
        } else {
            println!("  {} measured", figures.workload);
        }
        self.rows.push(figures);
    }

    /// What was measured so far.
    pub(super) fn rows(&self) -> &[Figures] {
        &self.rows
    }

    pub(super) fn finish(&self) {
        if self.json {
            return;
        }
        println!(
            "\n{:<10}{:>10}{:>9}{:>9}{:>10}{:>9}{:>9}{:>9}{:>11}{:>6}{:>9}{:>8}",
            "workload",
            "per s",
            "p50 ms",
            "p99 ms",
            "cpu ms",
            "peak MB",
            "rest MB",
            "start ms",
            "completed",
            "lost",
            "doubled",
            "ratio"
        );
        for row in &self.rows {
            println!(
                "{:<10}{:>10}{:>9}{:>9}{:>10}{:>9}{:>9}{:>9}{:>11}{:>6}{:>9}{:>8}",
                row.workload,
                shown(row.throughput_per_s, 0),
                shown(row.p50_ms, 1),
                shown(row.p99_ms, 1),
                shown(row.cpu_ms_per_run, 3),
                shown(row.peak_rss_mb, 0),
                shown(row.rest_rss_mb, 0),
                shown(row.start_ms, 0),
                row.completed.map_or(String::new(), |count| count.to_string()),
                row.lost.map_or(String::new(), |count| count.to_string()),
                row.doubled.map_or(String::new(), |count| count.to_string()),
                shown(row.ratio_to_baseline, 2),
            );
            let more = [
                ("MB more than idle", row.grown_mb),
                ("ms late at most", row.late_ms),
                ("of the throughput of an empty store", row.ratio_to_empty),
                ("ms p99 with an empty store", row.p99_empty_ms),
                ("ms to list", row.list_ms),
                ("ms to search", row.search_ms),
                ("ms to open", row.open_ms),
            ];
            for (what, figure) in more {
                if let Some(figure) = figure {
                    println!("{:<10}{figure:>10.2} {what}", "");
                }
            }
        }
    }
}

fn shown(figure: Option<f64>, digits: usize) -> String {
    figure.map_or(String::new(), |figure| format!("{figure:.digits$}"))
}
