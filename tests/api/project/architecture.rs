//! Imports flow `http → domain → store → model`, and each library is known to one room.

use crate::project::sources;

/// Words that the files of a room must not hold.
const FORBIDDEN: [(&str, &[&str]); 7] = [
    (
        "src/model",
        &[
            "crate::store",
            "crate::domain",
            "crate::http",
            "crate::server",
            "crate::cli",
            "diesel",
            "actix",
            "utoipa",
        ],
    ),
    (
        "src/store",
        &[
            "crate::domain",
            "crate::http",
            "crate::server",
            "crate::cli",
            "crate::config",
            "actix",
            "utoipa",
        ],
    ),
    (
        "src/domain",
        &[
            "crate::http",
            "crate::server",
            "crate::cli",
            "crate::config",
            "diesel",
            "actix",
            "utoipa",
        ],
    ),
    (
        "src/http",
        &["crate::server", "crate::cli", "crate::config", "diesel"],
    ),
    ("src/server", &["diesel", "utoipa"]),
    ("src/cli", &["diesel", "actix", "utoipa"]),
    (
        "src/config.rs",
        &["crate::http", "crate::server", "diesel", "actix", "utoipa"],
    ),
];

#[test]
fn imports_flow_one_way() {
    for (room, words) in FORBIDDEN {
        let files = if room.ends_with(".rs") {
            vec![room.into()]
        } else {
            sources(room)
        };
        assert!(!files.is_empty(), "{room}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                for word in words {
                    assert!(
                        !line.contains(word),
                        "{} knows {word}: {line}",
                        file.display()
                    );
                }
            }
        }
    }
}

#[test]
fn reading_begins_with_what_is_published() {
    // Outside the places named here, no query of the store begins at all articles.
    let allowed = ["store/articles/put.rs", "store/articles/mod.rs"];
    for file in sources("src/store") {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let starts = text.matches("articles::table\n").count()
            + text.matches("article_rows::table\n").count();
        let checked = text.matches("is_published()").count()
            + text
                .matches("the article's own facts, which the caller has read already")
                .count()
            + text.matches("tells only that it is gone").count();
        let is_allowed = allowed.iter().any(|end| name.ends_with(end));
        assert!(
            is_allowed || starts <= checked,
            "{name}: {starts} queries of articles, {checked} of them narrowed"
        );
    }
}

#[test]
fn files_stay_short() {
    // Data in the form of code, and one file that reads all of HTML.
    let longer = [
        "http/articles/shape.rs",
        "store/articles/put.rs",
        "domain/body/read_html.rs",
    ];
    for file in sources("src") {
        let name = file.display().to_string();
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        let bound = if longer.iter().any(|end| name.ends_with(end)) {
            600
        } else {
            460
        };
        assert!(lines <= bound, "{name} has {lines} lines");
    }
}

#[test]
fn migrations_have_the_same_names_on_both_databases() {
    let names = |folder: &str| {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"));
}
