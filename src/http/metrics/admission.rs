//! What is let in, and what is refused before anything is done for it.

use crate::http::{
    metrics::text::{Kind, Text},
    overload::Overload,
    rate::Rates,
};

/// Writes what came of those who needed a place, and of those whom a limit is there for.
pub(super) fn write(text: &mut Text, overload: &Overload, rates: &Rates) {
    write_overload(text, overload);
    write_rates(text, rates);
}

fn write_overload(text: &mut Text, overload: &Overload) {
    let classes = overload.figures();
    let name = "newsstand_overload_requests_total";
    let help = "Requests that needed a place, by kind of work and what came of them.";
    text.family(name, Kind::Counter, help);
    for of in &classes {
        for (result, count) in of.results {
            let labels = format!("class=\"{}\",result=\"{result}\"", of.class);
            text.sample(name, &labels, count);
        }
    }
    let name = "newsstand_overload_in_hand";
    text.family(name, Kind::Gauge, "Requests that have a place.");
    for of in &classes {
        text.sample(name, &format!("class=\"{}\"", of.class), of.in_hand);
    }
    let name = "newsstand_overload_waiting";
    text.family(name, Kind::Gauge, "Requests that wait for a place.");
    for of in &classes {
        text.sample(name, &format!("class=\"{}\"", of.class), of.waiting);
    }
}

fn write_rates(text: &mut Text, rates: &Rates) {
    let policies = rates.figures();
    let name = "newsstand_rate_limit_requests_total";
    let help = "Requests that a limit was there for, by what came of them; none without a limit.";
    text.family(name, Kind::Counter, help);
    for of in &policies {
        for (result, count) in of.results {
            let labels = format!("policy=\"{}\",result=\"{result}\"", of.policy);
            text.sample(name, &labels, count);
        }
    }
    let name = "newsstand_rate_limit_fill";
    let help = "Share of the memory of a limit that is in use; from about a third on, some clients \
                are limited with others.";
    text.family(name, Kind::Gauge, help);
    for of in &policies {
        let labels = format!("policy=\"{}\"", of.policy);
        text.sample(name, &labels, format_args!("{:.4}", of.fill));
    }
}
