//! Clients by their addresses.

use std::{thread, time::Duration};

use super::{PATH, ask, statuses, wait};
use crate::support::{Answer, App, Sqlite, client};

const HEADER: &str = "X-Forwarded-For";

fn limited(flags: &[&str]) -> App {
    let mut all = vec!["--rate-limit-address", "3/3600"];
    all.extend(flags);
    App::start_with(Sqlite, &all)
}

#[test]
fn each_address_has_its_own_quota() {
    let app = limited(&["--trusted-proxies", "127.0.0.1"]);
    let one = "203.0.113.1";
    assert_eq!(statuses(&app, HEADER, &[one; 4]), [200, 200, 200, 429]);
    assert_eq!(statuses(&app, HEADER, &["203.0.113.2", one]), [200, 429]);
    let others = [
        "::ffff:203.0.113.1",
        "203.0.113.1:4711",
        "9.9.9.9, 203.0.113.1",
    ];
    assert_eq!(statuses(&app, HEADER, &others), [429; 3]);
}

#[test]
fn a_network_of_ipv6_is_one_client() {
    let app = limited(&["--trusted-proxies", "127.0.0.1"]);
    let of_one = [
        "2001:db8::1",
        "2001:db8::2",
        "2001:db8::ffff:0:0:3",
        "2001:db8::4",
    ];
    assert_eq!(statuses(&app, HEADER, &of_one), [200, 200, 200, 429]);
    assert_eq!(statuses(&app, HEADER, &["2001:db8:0:1::1"]), [200]);
}

#[test]
fn nobody_is_believed_who_is_not_trusted() {
    let app = limited(&[]);
    let many = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"];
    assert_eq!(statuses(&app, HEADER, &many), [200, 200, 200, 429]);
    let app = limited(&["--trusted-proxies", "10.0.0.0/8,2001:db8::/32"]);
    assert_eq!(statuses(&app, HEADER, &many), [200, 200, 200, 429]);
}

#[test]
fn what_a_client_says_of_itself_makes_no_difference() {
    let app = limited(&["--trusted-proxies", "127.0.0.1, 10.0.0.0/8"]);
    let forged = [
        "203.0.113.1, 10.0.0.7",
        "198.51.100.1, 203.0.113.1, 10.0.0.7",
        "10.0.0.1, 203.0.113.1",
        "unknown, , 203.0.113.1, 10.0.0.8, 10.0.0.7",
    ];
    assert_eq!(statuses(&app, HEADER, &forged), [200, 200, 200, 429]);
    let lines = [(HEADER, "198.51.100.1"), (HEADER, "203.0.113.1")];
    assert_eq!(ask(&app, PATH, &lines).status, 429);
    // The other header field is the client's own.
    let both = [("Forwarded", "for=198.51.100.1"), (HEADER, "203.0.113.1")];
    assert_eq!(ask(&app, PATH, &both).status, 429);
}

#[test]
fn forwarded_is_believed_where_it_is_what_proxies_write() {
    let flags = [
        "--trusted-proxies",
        "127.0.0.1",
        "--trusted-proxy-header",
        "forwarded",
    ];
    let app = limited(&flags);
    let of_one = [
        "for=203.0.113.1",
        "for=198.51.100.1, for=\"203.0.113.1:4711\";proto=https",
        "by=10.0.0.1;FOR=203.0.113.1",
        "for=203.0.113.1;host=a.example.com",
    ];
    assert_eq!(statuses(&app, "Forwarded", &of_one), [200, 200, 200, 429]);
    let other = "for=\"[2001:db8::1]:4711\"";
    assert_eq!(statuses(&app, "Forwarded", &[other]), [200]);
    let both = [("Forwarded", of_one[0]), (HEADER, "198.51.100.1")];
    assert_eq!(ask(&app, PATH, &both).status, 429);
}

#[test]
fn all_answers_count_but_those_on_the_server_itself() {
    let app = limited(&[]);
    for _ in 0..4 {
        for path in ["/healthz", "/readyz", "/metrics"] {
            ask(&app, path, &[]).ok();
        }
    }
    ask(&app, "/v1/tags/none", &[]).problem(404);
    ask(&app, "/openapi.json", &[]).ok();
    let asked = |method: &str| client::send(app.address, method, PATH, &[]).status;
    assert_eq!(asked("OPTIONS"), 204);
    wait(&ask(&app, PATH, &[]));
    assert_eq!((asked("HEAD"), asked("POST")), (429, 429));
    ask(&app, "/healthz", &[]).ok();
    let figures = ask(&app, "/metrics", &[]).ok().text();
    for line in [
        "newsstand_rate_limit_requests_total{policy=\"address\",result=\"allowed\"} 3",
        "newsstand_rate_limit_requests_total{policy=\"address\",result=\"refused\"} 3",
        "newsstand_rate_limit_fill{policy=\"address\"} 0.",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
}

#[test]
fn what_is_kept_counts_too() {
    let app = App::start_with(Sqlite, &["--rate-limit-address", "20/3600"]);
    let is_kept = |answer: &Answer| {
        let from = answer.header("cache-status").unwrap_or_default();
        from.contains("hit")
    };
    let answers: Vec<Answer> = (0..20).map(|_| ask(&app, PATH, &[]).ok()).collect();
    assert!(answers.iter().any(is_kept));
    wait(&ask(&app, PATH, &[]));
}

#[test]
fn who_comes_back_when_told_is_let_in() {
    let app = App::start_with(Sqlite, &["--rate-limit-address", "1/2"]);
    ask(&app, PATH, &[]).ok();
    let seconds = wait(&ask(&app, PATH, &[]));
    assert!((1..=2).contains(&seconds), "{seconds}");
    thread::sleep(Duration::from_secs(seconds));
    ask(&app, PATH, &[]).ok();
}

#[test]
fn without_a_limit_nobody_is_limited() {
    let app = App::start(Sqlite);
    for _ in 0..50 {
        let answer = ask(&app, "/v1/tags/none", &[]);
        assert_eq!((answer.status, answer.header("ratelimit")), (404, None));
    }
}
