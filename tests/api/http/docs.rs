//! The page that shows the API.

use crate::support::{App, Sqlite};

#[test]
fn the_docs_come_from_the_binary_alone() {
    let app = App::start(Sqlite);
    let page = app.get("/docs").ok();
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    let text = page.text();
    let mut files = 0;
    for (_, rest) in text
        .match_indices("=\"")
        .map(|(at, _)| text.split_at(at + 2))
    {
        let reference = rest.split('"').next().unwrap();
        assert!(!reference.contains("://"), "{reference}");
        if reference.starts_with("/docs/assets/") {
            app.get(reference).ok();
            files += 1;
        }
    }
    assert!(files >= 4, "{text}");
    let starter = app.get("/docs/assets/swagger-initializer.js").ok().text();
    assert!(starter.contains("/openapi.json"), "{starter}");
    assert!(
        app.get("/docs/problems")
            .ok()
            .text()
            .contains("id=\"not_found\"")
    );
}
