//! `GET /v1/tags` and `/v1/tags/{key}`

use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, content::forty};

#[rstest]
fn a_tag_has_what_carries_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let tag = app.get("/v1/tags/elections").ok().json();
    assert_eq!(tag["name"], "Élections");
    assert_eq!(tag["article_count"], 15);
    assert_eq!(tag["url"], "http://localhost:3000/tags/elections");
}
