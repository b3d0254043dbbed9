//! The text format of Prometheus.

use std::fmt::{Display, Write};

use crate::model::histogram::Counted;

/// What a family of figures is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Grows alone.
    Counter,
    /// Is of now.
    Gauge,
    /// Durations.
    Histogram,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Figures, as they are written. Writing to a String can't fail.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = kind.as_str();
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// One of a family; its labels are of values that hold no quotes.
    pub(super) fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
    }

    /// One that is a family by itself.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    /// Durations of a family, with labels or without.
    pub(super) fn durations(&mut self, name: &str, labels: &str, counted: &Counted) {
        let (before, around) = match labels.is_empty() {
            true => (String::new(), String::new()),
            false => (format!("{labels},"), format!("{{{labels}}}")),
        };
        for (bound, count) in counted.within {
            let _ = writeln!(self.0, "{name}_bucket{{{before}le=\"{bound}\"}} {count}");
        }
        let count = counted.count;
        let _ = writeln!(self.0, "{name}_bucket{{{before}le=\"+Inf\"}} {count}");
        let _ = writeln!(self.0, "{name}_sum{around} {:.6}", counted.seconds);
        let _ = writeln!(self.0, "{name}_count{around} {count}");
    }

    /// Durations that are a family by themselves.
    pub(super) fn histogram(&mut self, name: &str, help: &str, counted: &Counted) {
        self.family(name, Kind::Histogram, help);
        self.durations(name, "", counted);
    }

    /// All of them.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::histogram::Histogram;

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let mut text = Text::default();
        text.single("one", Kind::Gauge, "A figure.", 1.5);
        text.family("many_total", Kind::Counter, "Figures.");
        text.sample("many_total", "result=\"hit\"", 7);
        let histogram = Histogram::default();
        histogram.record(Duration::from_millis(3));
        text.histogram("took_seconds", "Durations.", &histogram.counted());
        let written = String::from_utf8(text.into_bytes()).unwrap();
        let first = "# HELP one A figure.\n# TYPE one gauge\none 1.5\n";
        assert!(written.starts_with(first), "{written}");
        for line in [
            "many_total{result=\"hit\"} 7",
            "# TYPE took_seconds histogram",
            "took_seconds_bucket{le=\"0.0025\"} 0",
            "took_seconds_bucket{le=\"0.005\"} 1",
            "took_seconds_bucket{le=\"+Inf\"} 1",
            "took_seconds_sum 0.003000",
            "took_seconds_count 1",
        ] {
            assert!(written.lines().any(|known| known == line), "{written}");
        }
    }
}
