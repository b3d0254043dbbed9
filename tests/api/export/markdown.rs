//! `newsstand export markdown`

use rstest::rstest;

use crate::{
    export::{day, export, filled, import_path, kept, read, run},
    support::{App, Kind, Postgres, Sqlite},
};

#[rstest]
fn an_export_loses_nothing_that_readers_read(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let app = filled(from);
    let folder = tempfile::tempdir().unwrap();
    export(&app, "markdown", folder.path());
    let other = App::start(to);
    let run = import_path(&other, "markdown", folder.path());
    assert!(
        run.out
            .starts_with("created 4, updated 0, unchanged 0, refused 0"),
        "{}{}",
        run.out,
        run.told
    );
    for slug in ["first", "draft", "later", "back"] {
        assert_eq!(kept(&app, slug), kept(&other, slug), "{slug}");
        let (before, after) = (read(&app, slug), read(&other, slug));
        for member in [
            "published_at",
            "authors",
            "language",
            "featured",
            "canonical_url",
        ] {
            match member {
                "authors" => {
                    assert_eq!(before["authors"][0]["name"], after["authors"][0]["name"]);
                    assert_eq!(before["authors"][1]["name"], after["authors"][1]["name"]);
                }
                _ => assert_eq!(before[member], after[member], "{slug} {member}"),
            }
        }
    }
    assert_eq!(read(&other, "first")["published_at"], day(3));
    for (slug, status) in [
        ("first", "published"),
        ("draft", "draft"),
        ("later", "scheduled"),
        ("back", "draft"),
    ] {
        assert_eq!(read(&other, slug)["status"], status, "{slug}");
    }
}

#[test]
fn files_are_where_site_generators_look_for_them() {
    let app = filled(Sqlite);
    let folder = tempfile::tempdir().unwrap();
    export(&app, "markdown", folder.path());
    let posts = folder.path().join("content/posts");
    let text = std::fs::read_to_string(posts.join("first.md")).unwrap();
    for part in [
        "---\ntitle: \"Ærlig talt: 港の朝 🦀\"\nslug: first\ndate: 2026-01-04T00:00:00.000Z\n",
        "\ndescription: \"Line: one — # two\"\n",
        "\ndraft: false\n",
        "\ncategories: [\"Nordic\"]\n",
        "\naliases: [\"/articles/one\"]\n",
        "\n---\n\n## Høst\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let again = run(
        &app,
        &["export", "markdown", folder.path().to_str().unwrap()],
    );
    assert_eq!(again.status, 1);
    assert!(again.told.contains("is not empty"), "{}", again.told);
    let forced = [
        "export",
        "markdown",
        "--force",
        folder.path().to_str().unwrap(),
    ];
    assert_eq!(run(&app, &forced).status, 0);
}
