//! `newsstand related evaluate`: the ranking held against judgements.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    import::Run,
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
    },
};

/// Runs `newsstand related evaluate` on judgements from standard input.
fn evaluate(app: &App, flags: &[&str], judgements: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["related", "evaluate", "-"])
        .args(flags)
        .env("DATABASE_URL", &app.database.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(judgements.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        told: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Three stories of a ferry, three of a bakery, each with words of its own.
fn filled(kind: Kind) -> App {
    let ferry = [
        "The ferry to the outer islands stayed in the harbour because its engine failed at dawn.",
        "Islanders waited at the harbour while engineers took the ferry's engine apart.",
        "A new engine for the island ferry reaches the harbour in spring, the engineers say.",
    ];
    let bakery = [
        "The bakery in Mill Lane sells rye loaves from an oven that is two centuries old.",
        "Bakers queue for flour as the price of rye climbs, and loaves get smaller.",
        "An apprentice bakes rye loaves at night and delivers them from Mill Lane by bicycle.",
    ];
    let made = |name: &str, texts: [&str; 3]| -> Vec<Value> {
        let one = |(number, text): (usize, &&str)| {
            let members = json!({
                "title": format!("{name} report {number}"),
                "summary": null,
                "category": if number == 2 { "Elsewhere" } else { name },
                "body": {"text": *text},
            });
            with(article(&format!("{name}-{number}"), number as i64), members)
        };
        texts.iter().enumerate().map(one).collect()
    };
    let mut all = made("ferry", ferry);
    all.extend(made("bakery", bakery));
    App::with(kind, &all)
}

fn means(run: &Run) -> Value {
    serde_json::from_str(run.out.lines().last().unwrap()).unwrap()
}

#[rstest]
fn a_ranking_is_scored_by_judgements(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let table = "article,other,grade\n\
                 ferry-0,ferry-1,3\nferry-0,test-ferry-2,2\nferry-0,bakery-0,0\n\
                 bakery-0,bakery-1,1\nbakery-0,bakery-2,1\n\
                 bakery-1,ferry-0,0\n";
    let run = evaluate(&app, &["--k", "2,5"], table);
    assert_eq!(run.status, 0, "{}", run.told);
    let found = means(&run);
    assert_eq!(found["articles"], 2);
    assert_eq!(found["articles_without_related"], 1);
    assert_eq!(found["judgements"], 6);
    assert_eq!(found["left_out"], 0);
    assert_eq!(found["recall_5"], 1.0, "{found}");
    assert_eq!(found["judged_only"]["recall_2"], 1.0, "{found}");
    for measure in ["ndcg_5", "ndcg_10"] {
        let value = found[measure].as_f64().unwrap();
        assert!((0.7..=1.0).contains(&value), "{found}");
    }
    let lines = table
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let grade: f64 = cells[2].parse().unwrap();
            json!({"article": cells[0], "other": cells[1], "grade": grade}).to_string()
        })
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(means(&evaluate(&app, &["--k", "2,5"], &lines)), found);
}

#[rstest]
fn each_article_is_told_and_what_lies_in_other_categories_is_not_found(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = filled(kind);
    let table = "article,other,grade\nferry-0,ferry-1,1\nferry-0,ferry-2,1\n";
    let run = evaluate(&app, &["--each", "--same-category"], table);
    assert_eq!(run.status, 0, "{}", run.told);
    let first: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["article"], "ferry-0");
    assert_eq!(
        (&first["judged"], &first["related"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(first["recall_10"], 0.5, "{first}");
    assert_eq!(run.out.lines().count(), 2);
}

#[rstest]
fn what_cannot_be_used_is_told_and_left_out(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    app.create(&with(
        article("unseen", 9),
        json!({"status": "draft", "published_at": null}),
    ));
    let table = "article,other,grade\nferry-0,ferry-1,1\nferry-0,nothing,1\nferry-0,unseen,1\n\
                 ferry-0,ferry-0,1\nferry-0,ferry-1,much\nferry-0,ferry-1\n";
    let run = evaluate(&app, &[], table);
    assert_eq!(run.status, 3, "{}", run.told);
    let found = means(&run);
    assert_eq!(
        (&found["judgements"], &found["left_out"]),
        (&json!(1), &json!(5))
    );
    for line in 3..=7 {
        assert!(
            run.told.contains(&format!("left out -:{line}: ")),
            "{}",
            run.told
        );
    }
    let none = evaluate(&app, &[], "article,other,grade\nno,none,1\n");
    assert_eq!(none.status, 1);
    for line in [&means(&none), &means(&none)["judged_only"]] {
        for measure in ["ndcg_5", "ndcg_10", "recall_5", "recall_10"] {
            assert_eq!(line.get(measure), Some(&Value::Null), "{line}");
        }
    }
    let headless = evaluate(&app, &[], "ferry-0,ferry-1,1\n");
    assert_eq!((headless.status, headless.out.as_str()), (1, ""));
    assert!(
        headless.told.contains("the header has no column"),
        "{}",
        headless.told
    );
}

#[rstest]
fn what_is_told_stands_in_the_file(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let long = "1".repeat(300);
    for grade in ["1e308", "1e400", "-1", "2000.50"] {
        let table = format!("article,other,grade\nferry-0,ferry-1,{grade}\n");
        let line = format!(r#"{{"article":"ferry-0","other":"ferry-1","grade":{grade}}}"#);
        for judgements in [table, line] {
            let run = evaluate(&app, &[], &judgements);
            assert_eq!(run.status, 1, "{}", run.told);
            let expected = format!("from 0 to 1000, and is \"{grade}\"\n");
            assert!(run.told.ends_with(&expected), "{}", run.told);
        }
    }
    let table = format!("article,other,grade\nferry-0,ferry-1,{long}\n");
    let told = evaluate(&app, &[], &table).told;
    let expected = format!("and is \"{}…\"\n", "1".repeat(59));
    assert!(told.ends_with(&expected), "{told}");
}

#[rstest]
fn what_is_ambiguous_or_unknown_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let table = "article,other,grade,grade\nferry-0,ferry-1,1,0\n";
    let run = evaluate(&app, &[], table);
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    let expected = "-:1: the header has the column \"grade\" twice";
    assert!(run.told.contains(expected), "{}", run.told);
    let line =
        |beside: &str| format!(r#"{{"article":"ferry-0","other":"ferry-1","grade":1{beside}}}"#);
    let others = [r#","note":"quite""#, r#","grades":[1,2]"#, r#","grade":0"#];
    let mut lines: Vec<String> = others.iter().map(|beside| line(beside)).collect();
    lines.push(line(""));
    let run = evaluate(&app, &[], &lines.join("\n"));
    assert_eq!(run.status, 3, "{}", run.told);
    let found = means(&run);
    assert_eq!(
        (&found["judgements"], &found["left_out"]),
        (&json!(1), &json!(3))
    );
    for told in [
        "-:1: has an unknown member \"note\"",
        "-:2: has an unknown member \"grades\"; did you mean \"grade\"?",
        "-:3: has \"grade\" twice",
    ] {
        assert!(run.told.contains(told), "{}", run.told);
    }
}

#[rstest]
fn a_length_that_is_given_twice_is_told_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let table = "article,other,grade\nferry-0,ferry-1,1\n";
    let twice = evaluate(&app, &["--k", "5,2,5"], table);
    assert_eq!(twice.status, 0, "{}", twice.told);
    assert_eq!(
        twice.out.matches("\"recall_5\"").count(),
        2,
        "{}",
        twice.out
    );
    let once = evaluate(&app, &["--k", "2,5"], table);
    assert_eq!(twice.out, once.out);
}

#[rstest]
fn closeness_in_time_can_be_tried_out(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let far = with(
        article("ferry-0", 250),
        json!({
            "title": "ferry report 0",
            "summary": null,
            "category": "ferry",
            "body": {"text": "The ferry to the outer islands stayed in the harbour because its engine failed at dawn."},
        }),
    );
    app.put(&[
        far,
        with(
            article("note", 250),
            json!({"title": "Note", "summary": null, "body": {"text": "All quiet in the harbour, says a note."}}),
        ),
    ]);
    let table = "article,other,grade\nferry-0,ferry-1,1\nferry-0,ferry-2,1\nferry-0,note,0\n";
    let score = |flags: &[&str]| {
        let run = evaluate(&app, flags, table);
        assert_eq!(run.status, 0, "{}", run.told);
        means(&run)["ndcg_5"].as_f64().unwrap()
    };
    let without = score(&[]);
    let with_time = score(&["--related-half-life-days", "1"]);
    assert!(with_time < without, "{with_time} {without}");
}
