//! Imports flow `http → domain → store → ranking → model`, and each library is known to one room.

use crate::project::sources;

/// Words that the files of a room must not hold.
const FORBIDDEN: [(&str, &[&str]); 8] = [
    (
        "src/model",
        &[
            "crate::ranking",
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
        "src/ranking",
        &[
            "crate::store",
            "crate::domain",
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
        "src/config",
        &["crate::http", "crate::server", "diesel", "actix", "utoipa"],
    ),
];

#[test]
fn imports_flow_one_way() {
    for (room, words) in FORBIDDEN {
        let files = sources(room);
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

/// The compiler holds everyone else to what `rows` lets them see; this holds SQL text to it, and
/// sees that the table is known there alone.
#[test]
fn the_table_of_articles_is_known_to_one_room() {
    for file in sources("src") {
        let name = file.display().to_string();
        if name.contains("store/articles/rows/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for word in [
            "FROM articles",
            "JOIN articles",
            "UPDATE articles",
            "articles::table\n",
        ] {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
    let table = std::fs::read_to_string("src/store/articles/rows/mod.rs").unwrap();
    assert!(
        table.contains("\nmod table;\n"),
        "the table is private to its room"
    );
}

/// The manifest's lints are those of the library, the program, its build, tests and benches alike;
/// what it forbids, no file can allow.
#[test]
fn no_code_is_unsafe() {
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap();
    let lints = "\n[lints.rust]\nunsafe_code = \"forbid\"\n";
    assert!(manifest.contains(lints), "{manifest}");
}

#[test]
fn files_stay_short() {
    for file in sources("src") {
        let name = file.display().to_string();
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 457, "{name} has {lines} lines");
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
