//! Tests of what is made of files.

use proptest::prelude::*;

use super::*;

fn taken(text: &str, name: &str) -> (ArticleInput, Vec<String>) {
    match entry(text, name) {
        Entry::Article { article, notes, .. } => (*article, notes),
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_have_many_names() {
    let text = "---\nTitle: \"A: title\"\nslug: Given Slug\nurl: /2024/a/\naliases: [/old/, 'https://old.example/older/?x']\n\
                redirect_from: /oldest.html\npermalink: /:year/:title/\npubDate: 2024-05-01 10:00:00 +0200\nlastmod: 2024-06-01\n\
                excerpt: In short\ntags: [One, two]\ncategories: News World\nkeywords: three, One\n\
                authors:\n  - name: Ada Moe\n  - Bo Ek\ncover: {image: 'https://images.example.com/a.jpg', alt: A, caption: C}\n\
                lang: pt_BR\nfeatured: true\ncanonicalURL: https://elsewhere.example.com/a\nweight: 3\n---\nText[^1].\n\n[^1]: Note.\n";
    let (article, notes) = taken(text, "a.md");
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(article.title, "A: title");
    assert_eq!(article.slug.as_deref(), Some("given-slug"));
    assert_eq!(
        article.former_paths,
        ["/2024/a", "/old", "/older", "/oldest.html"]
    );
    assert_eq!(
        article.published_at.unwrap().to_string(),
        "2024-05-01T08:00:00.000Z"
    );
    assert_eq!(article.summary.as_deref(), Some("In short"));
    assert_eq!(article.category, ["News"]);
    assert_eq!(article.tags, ["One", "two", "World", "three"]);
    assert_eq!(article.authors, ["Ada Moe", "Bo Ek"]);
    let image = article.image.unwrap();
    assert_eq!(image.url, "https://images.example.com/a.jpg");
    assert_eq!(
        (image.alt.as_deref(), image.caption.as_deref()),
        (Some("A"), Some("C"))
    );
    assert_eq!(article.language.as_deref(), Some("pt-BR"));
    assert!(article.featured);
    assert_eq!(
        article.canonical_url.as_deref(),
        Some("https://elsewhere.example.com/a")
    );
    assert_eq!(article.status, Some(Status::Published));
    assert_eq!(article.external_id.as_deref(), Some("markdown:a.md"));
}

#[test]
fn what_is_not_given_is_taken_from_the_text_and_the_name() {
    let (article, _) = taken("# A *title*\n\nText\n", "2024-05-01-some-slug.markdown");
    assert_eq!(article.title, "A title");
    assert_eq!(article.slug.as_deref(), Some("some-slug"));
    assert_eq!(
        article.published_at.unwrap().to_string(),
        "2024-05-01T00:00:00.000Z"
    );
    assert_eq!(body::text(&article.body).trim(), "Text");
    let (article, _) = taken("---\ntitle: Same\n---\n# Same\n\nText\n", "x.md");
    assert_eq!(body::text(&article.body).trim(), "Text");
    let (article, _) = taken("Text\n", "a-fine_day.md");
    assert_eq!(article.title, "A fine day");
}

#[test]
fn the_status_comes_of_flags_and_dates() {
    let status = |front: &str| {
        taken(&format!("---\n{front}\n---\nText\n"), "a.md")
            .0
            .status
    };
    for (front, expected) in [
        ("draft: true", Status::Draft),
        ("published: false", Status::Draft),
        ("published: true", Status::Published),
        ("date: 2999-01-01", Status::Scheduled),
        (
            "date: 2020-01-01\npublishDate: 2999-01-01",
            Status::Scheduled,
        ),
        ("expiryDate: 2020-01-01", Status::Unpublished),
        ("expiryDate: 2999-01-01", Status::Published),
    ] {
        assert_eq!(status(front), Some(expected), "{front}");
    }
}

#[test]
fn what_is_lost_is_told() {
    let (_, notes) = taken(
        "---\ndate: soon\nheroImage: ../a.jpg\n---\nText {{< unheard >}}\n",
        "a.md",
    );
    assert_eq!(notes.len(), 3, "{notes:?}");
    for (text, line) in [
        ("---\na: [\n---\nText\n", true),
        ("---\ntitle: x\n---\n\n", false),
    ] {
        let Entry::Refused(refusal) = entry(text, "a.md") else {
            panic!("{text}");
        };
        assert_eq!(
            matches!(refusal.place.at, crate::domain::import::At::Line(_)),
            line
        );
    }
    assert!(matches!(
        entry("Text", "posts/_index.md"),
        Entry::LeftOut(_)
    ));
    assert!(matches!(
        entry("---\nlayout: page\n---\nText", "about.md"),
        Entry::LeftOut(_)
    ));
}

proptest! {
    #[test]
    fn no_text_panics(text in "(---\n)?(title|date|tags|image|aliases|draft)?(: )?([\\[\\]{}\"'a-z0-9/:# \n-]|\\PC){0,60}(\n---\n)?([#`{}<% \na-z]|\\PC){0,60}", name in "[a-z0-9./_-]{0,30}|\\PC{0,10}") {
        entry(&text, &name);
    }
}
