//! The chart of `docs/performance.md`: what was measured in this run beside what the peers did with the same work.
//!
//! It draws what it is given and nothing else; a workload that was not measured is left out.

use super::report::Figures;
use std::fmt::Write as _;

/// What another product did with the same bodies and the same load on the same kind of machine; medians of three.
struct Peer {
    name: &'static str,
    workload: &'static str,
    per_second: f64,
}

/// Versions: n8n 2.41 with its faster, older expression engine; Node-RED 5.0.7, which keeps nothing on disk; Restate 1.7
/// with its TypeScript SDK; DBOS for Python.
const PEERS: [Peer; 12] = [
    peer("Node-RED (not durable)", "w1", 3_870.0),
    peer("Restate", "w1", 438.0),
    peer("n8n", "w1", 73.0),
    peer("DBOS", "w1", 63.0),
    peer("Node-RED (not durable)", "w2", 3_888.0),
    peer("Restate", "w2", 740.0),
    peer("n8n", "w2", 70.0),
    peer("DBOS", "w2", 42.0),
    peer("Node-RED (not durable)", "w4", 1_512.0),
    peer("Restate", "w4", 408.0),
    peer("n8n", "w4", 62.0),
    peer("DBOS", "w4", 59.0),
];

const fn peer(name: &'static str, workload: &'static str, per_second: f64) -> Peer {
    Peer { name, workload, per_second }
}

/// Workloads in the chart and what they are called in it.
const GROUPS: [(&str, &str); 3] = [
    ("w1", "Webhook, three steps, answered by the workflow"),
    ("w2", "Webhook answered at once, five steps after it"),
    ("w4", "A call to an API that takes 20 ms (ceiling 3,200)"),
];

const WIDTH: f64 = 760.0;
const LEFT: f64 = 170.0;
const ROW: f64 = 22.0;
/// Keeps words readable that a line passes behind.
const HALO: &str = r##"paint-order="stroke" stroke="#ffffff" stroke-width="4""##;
/// The axis is logarithmic, from 10 to 100,000 a second.
const DECADES: (f64, f64) = (1.0, 5.0);

/// The chart of `rows` as SVG, readable on a light and on a dark page.
pub(super) fn throughput(rows: &[Figures]) -> String {
    let measured = |workload: &str| rows.iter().find(|row| row.workload == workload)?.throughput_per_s;
    let mut bars = String::new();
    let mut y = 34.0;
    for (workload, title) in GROUPS {
        let Some(own) = measured(workload) else { continue };
        text(&mut bars, 12.0, y, "start", "600", title);
        y += 8.0;
        bar(&mut bars, &mut y, "Trunkline", own, "#2456e6");
        for peer in PEERS.iter().filter(|peer| peer.workload == workload) {
            bar(&mut bars, &mut y, peer.name, peer.per_second, "#9a978f");
        }
        y += 26.0;
    }
    let mut line = String::new();
    if let Some(baseline) = measured("baseline") {
        let x = along(baseline);
        let _ = write!(
            line,
            r##"<line x1="{x:.1}" x2="{x:.1}" y1="22" y2="{:.1}" stroke="#b3261e" stroke-dasharray="4 3"/>"##,
            y - 22.0
        );
        text(&mut bars, x, y - 8.0, "middle", "400", "bare handler that commits one row");
    }
    text(&mut bars, 12.0, y - 8.0, "start", "400", "runs per second, logarithmic");
    format!(
        concat!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0}" font-family="Inter, system-ui, "##,
            r##"sans-serif" font-size="12" role="img" aria-label="Runs per second, logarithmic">"##,
            r##"<rect width="100%" height="100%" rx="8" fill="#ffffff"/>{line}{bars}</svg>"##,
            "\n"
        ),
        width = WIDTH,
        height = y + 6.0,
        line = line,
        bars = bars
    )
}

fn bar(into: &mut String, y: &mut f64, name: &str, value: f64, colour: &str) {
    let middle = *y + ROW / 2.0 + 4.0;
    text(into, LEFT - 8.0, middle, "end", "400", name);
    let end = along(value);
    let _ = write!(
        into,
        r##"<rect x="{LEFT}" y="{:.1}" width="{:.1}" height="{:.0}" rx="3" fill="{colour}"/>"##,
        *y + 3.0,
        end - LEFT,
        ROW - 6.0
    );
    text(into, end + 6.0, middle, "start", "400", &grouped(value));
    *y += ROW;
}

/// Where `value` lies on the axis.
fn along(value: f64) -> f64 {
    let share = (value.max(1.0).log10() - DECADES.0) / (DECADES.1 - DECADES.0);
    LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - 90.0)
}

fn text(into: &mut String, x: f64, y: f64, anchor: &str, weight: &str, words: &str) {
    let _ = write!(
        into,
        r##"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-weight="{weight}" fill="#22201c" {HALO}>{words}</text>"##
    );
}

/// `14185.3` as `14,185 /s`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut words = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words + " /s"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(workload: &'static str, per_second: f64) -> Figures {
        let mut figures = Figures::new(workload);
        figures.throughput_per_s = Some(per_second);
        figures
    }

    #[test]
    fn what_was_measured_is_drawn_beside_the_peers_and_nothing_else_is() {
        let chart = throughput(&[measured("baseline", 20_000.0), measured("w2", 14_185.3)]);
        assert!(chart.contains("14,185 /s") && chart.contains("740 /s") && chart.contains("bare handler"));
        assert!(!chart.contains("438 /s"), "w1 was not measured");
    }

    #[test]
    fn ten_times_as_much_is_one_step_to_the_right() {
        let steps: Vec<f64> =
            [10.0, 100.0, 1_000.0, 10_000.0].map(along).windows(2).map(|p| p[1] - p[0]).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-9 && *step > 0.0));
        assert_eq!(grouped(999.6), "1,000 /s");
    }
}
