//! `GET /v1/authors` and `/v1/authors/{key}`

use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, content::forty};

#[rstest]
fn an_author_has_what_they_wrote(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let author = app.get("/v1/authors/ada-moe").ok().json();
    assert_eq!(author["name"], "Ada Moe");
    assert_eq!(author["article_count"], 14);
    assert_eq!(author["latest_published_at"], "2026-01-10T00:00:00.000Z");
    assert_eq!(author["url"], "http://localhost:3000/authors/ada-moe");
    let listed = app.get("/v1/authors").ok().json();
    assert_eq!(listed["data"][0], author);
}

#[rstest]
fn one_name_in_two_spellings_is_one_author(#[values(Sqlite, Postgres)] kind: Kind) {
    let by = |name: &str, slug: &str| {
        crate::support::content::with(
            crate::support::content::article(slug, 1),
            serde_json::json!({"authors": [name]}),
        )
    };
    let app = App::with(
        kind,
        &[
            by("José Ortega", "a"),
            by("jose ortega", "b"),
            by("jose-ortega", "c"),
        ],
    );
    assert_eq!(
        app.get("/v1/authors/jose-ortega").ok().json()["article_count"],
        3
    );
}
