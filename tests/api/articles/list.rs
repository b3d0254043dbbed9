//! `GET /v1/articles`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, date, forty, with},
};

#[rstest]
fn the_newest_come_first_and_ties_go_by_id(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let answer = app.get("/v1/articles?limit=100").ok().json();
    let listed = answer["data"].as_array().unwrap();
    assert_eq!(listed.len(), 40);
    let place = |item: &Value| (item["published_at"].to_string(), item["id"].to_string());
    let places: Vec<_> = listed.iter().map(place).collect();
    let mut sorted = places.clone();
    sorted.sort();
    sorted.reverse();
    assert_eq!(places, sorted);
}

#[rstest]
fn a_list_leaves_the_body_out_unless_it_is_asked_for(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let item = |path: &str| app.get(path).ok().json()["data"][0].clone();
    assert!(item("/v1/articles").get("body").is_none());
    assert!(item("/v1/articles").get("toc").is_none());
    let asked = item("/v1/articles?body=text,markdown");
    assert_eq!(
        asked["body"]["text"],
        "First paragraph of one.\n\nSecond paragraph of one."
    );
    assert_eq!(asked["body"].as_object().unwrap().len(), 2);
    assert_eq!(asked["toc"], json!([]));
    assert!(item("/v1/articles?fields=body")["body"]["html"].is_string());
}

#[rstest]
fn a_category_holds_what_its_descendants_hold(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let count = |path: &str| app.slugs(&format!("/v1/articles?limit=100&{path}")).len();
    assert_eq!(count("category=world"), 30);
    assert_eq!(count("category=europe"), 20);
    assert_eq!(count("category=nordic"), 10);
    assert_eq!(count("category=nordic,sport"), 20);
    assert_eq!(count("exclude_category=europe"), 20);
    assert_eq!(count("category=world&exclude_category=nordic"), 20);
    assert_eq!(count("category=nowhere"), 0);
}

#[rstest]
fn filters_narrow_together(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let slugs = |path: &str| {
        let mut slugs = app.slugs(&format!("/v1/articles?limit=100&{path}"));
        slugs.sort();
        slugs
    };
    let expected = |keep: &dyn Fn(usize) -> bool| {
        let mut slugs: Vec<String> = (0..40)
            .filter(|n| keep(*n))
            .map(|n| format!("a{n}"))
            .collect();
        slugs.sort();
        slugs
    };
    let tagged = |n: usize, tag: usize| n % 4 == tag || (n / 2) % 4 == tag;
    assert_eq!(slugs("tag=climate"), expected(&|n| tagged(n, 1)));
    assert_eq!(
        slugs("tag=climate,trade"),
        expected(&|n| tagged(n, 1) || tagged(n, 3))
    );
    assert_eq!(slugs("exclude_tag=elections"), expected(&|n| !tagged(n, 0)));
    assert_eq!(slugs("author=ada-moe"), expected(&|n| n % 3 == 0));
    assert_eq!(
        slugs("exclude_author=ada-moe,bo-ek"),
        expected(&|n| n % 3 == 2)
    );
    assert_eq!(slugs("language=nb"), expected(&|n| n % 5 == 0));
    assert_eq!(
        slugs("featured=true&language=nb"),
        expected(&|n| n % 10 == 0)
    );
    assert_eq!(
        slugs("featured=false&tag=climate"),
        expected(&|n| n % 10 != 0 && tagged(n, 1))
    );
    assert_eq!(slugs("slugs=a3,a7,none"), ["a3", "a7"]);
    let after = format!("published_after={}", date(3));
    assert_eq!(slugs(&after), expected(&|n| n / 4 > 3));
    let between = format!("{after}&published_before={}", date(6));
    assert_eq!(slugs(&between), expected(&|n| (4..6).contains(&(n / 4))));
    let by_offset = "published_before=2026-01-02T01:00:00%2B01:00";
    assert_eq!(slugs(by_offset), expected(&|n| n / 4 < 1));
}

#[rstest]
fn articles_can_be_had_by_their_ids(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let all = app.get("/v1/articles?limit=3").ok().json();
    let ids: Vec<&str> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["id"].as_str().unwrap())
        .collect();
    let asked = format!("/v1/articles?ids={},{}", ids[2], ids[0].to_uppercase());
    assert_eq!(app.slugs(&asked).len(), 2);
}

const SORTS: [&str; 5] = [
    "-published_at",
    "published_at",
    "title",
    "-title",
    "-modified_at",
];

#[rstest]
fn a_walk_meets_each_article_once_in_every_order(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let filters = [
        "",
        "&category=world",
        "&tag=climate",
        "&author=bo-ek",
        "&language=en",
        "&q=harbour",
        "&exclude_tag=trade",
    ];
    for sort in SORTS {
        for filter in filters {
            let whole = app.slugs(&format!("/v1/articles?limit=100&sort={sort}{filter}"));
            let walked = app
                .walk(&format!("/v1/articles?limit=7&sort={sort}{filter}"))
                .concat();
            assert_eq!(walked, whole, "{sort} {filter}");
        }
    }
    let whole = app.slugs("/v1/articles?limit=100&sort=relevance&q=harbour");
    assert_eq!(
        app.walk("/v1/articles?limit=7&sort=relevance&q=harbour")
            .concat(),
        whole
    );
    assert_eq!(whole.len(), 40);
}

#[rstest]
fn a_walk_back_meets_the_same_pages(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for sort in ["-published_at", "title", "relevance&q=harbour"] {
        let pages = app.walk(&format!("/v1/articles?limit=9&sort={sort}"));
        let mut path = format!("/v1/articles?limit=9&sort={sort}");
        let mut answers = vec![app.get(&path).ok()];
        while let Some(next) = answers.last().unwrap().json()["links"]["next"].as_str() {
            path = next.to_owned();
            answers.push(app.get(&path).ok());
        }
        for number in (1..answers.len()).rev() {
            let back = answers[number].json()["links"]["prev"]
                .as_str()
                .unwrap()
                .to_owned();
            assert_eq!(app.slugs(&back), pages[number - 1], "{sort}, page {number}");
        }
        assert!(answers[0].json()["links"]["prev"].is_null());
    }
}

#[rstest]
fn a_walk_is_not_disturbed_by_new_articles(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for sort in SORTS.into_iter().chain(["relevance&q=harbour"]) {
        let before = app.slugs(&format!("/v1/articles?limit=100&sort={sort}"));
        let mut met = Vec::new();
        let mut next = Some(format!("/v1/articles?limit=6&sort={sort}"));
        let mut number = 0;
        while let Some(path) = next {
            let answer = app.get(&path).ok();
            met.extend(answer.slugs());
            next = answer.json()["links"]["next"].as_str().map(str::to_owned);
            number += 1;
            let slug = format!(
                "new-{number}-{}",
                sort.trim_start_matches('-').replace(['_', '&', '='], "")
            );
            let body = json!({"body": {"text": "A new one, about the harbour, the harbour."}});
            app.put(&[with(article(&slug, number % 9), body)]);
        }
        for slug in before {
            assert_eq!(
                met.iter().filter(|known| **known == slug).count(),
                1,
                "{sort} {slug}"
            );
        }
    }
}

#[rstest]
fn pages_can_be_had_by_number(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let whole = app.slugs("/v1/articles?limit=100");
    let answer = app.get("/v1/articles?limit=15&page=3").ok();
    assert_eq!(answer.slugs(), whole[30..]);
    let body = answer.json();
    assert_eq!(body["page"]["number"], 3);
    assert_eq!(body["page"]["total"], 40);
    assert_eq!(body["page"]["total_pages"], 3);
    assert_eq!(body["links"]["prev"], "/v1/articles?limit=15&page=2");
    assert!(body["links"]["next"].is_null());
    let beyond = app.get("/v1/articles?page=1000000").ok();
    assert!(beyond.slugs().is_empty());
}

#[rstest]
fn the_total_is_counted_only_when_asked_for(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let page = |path: &str| app.get(path).ok().json()["page"].clone();
    assert!(page("/v1/articles")["total"].is_null());
    assert_eq!(page("/v1/articles?count=exact&tag=climate")["total"], 20);
    assert_eq!(
        page("/v1/articles?count=exact&q=harbour&sort=relevance")["total"],
        40
    );
    assert!(page("/v1/articles?count=none")["number"].is_null());
}

#[rstest]
fn links_stand_in_the_header_too(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let answer = app.get("/v1/articles?limit=10&page=2&tag=climate").ok();
    let link = answer.header("link").unwrap();
    assert_eq!(
        link,
        "</v1/articles?limit=10&tag=climate&page=1>; rel=\"prev\""
    );
}

#[rstest]
fn fields_and_include_compose(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let item = app
        .get("/v1/articles?limit=1&fields=title,slug&include=share,seo,related")
        .ok()
        .json();
    let item = &item["data"][0];
    let names: Vec<&String> = item.as_object().unwrap().keys().collect();
    assert_eq!(names, ["slug", "title", "related", "share", "seo"]);
    assert_eq!(item["related"].as_array().unwrap().len(), 12);
    assert_eq!(item["share"]["links"].as_array().unwrap().len(), 6);
}

#[rstest]
fn a_cursor_of_another_list_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let answer = app.get("/v1/articles?limit=5&tag=climate").ok().json();
    let cursor = answer["page"]["next_cursor"].as_str().unwrap().to_owned();
    for other in [
        "tag=trade",
        "sort=title&tag=climate",
        "",
        "tag=climate&featured=true",
    ] {
        let answer = app.get(&format!("/v1/articles?cursor={cursor}&{other}"));
        assert_eq!(answer.problem(400).1, ["cursor"], "{other}");
    }
    let same = app.get(&format!("/v1/articles?limit=9&cursor={cursor}&tag=climate"));
    assert_eq!(same.ok().slugs().len(), 9);
    let both = app.get(&format!("/v1/articles?cursor={cursor}&tag=climate&page=2"));
    assert_eq!(both.problem(400).1, ["page"]);
}

#[rstest]
fn what_is_not_published_is_in_no_list(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            article("seen", 1),
            with(
                article("draft", 2),
                json!({"status": "draft", "tags": ["Secret"]}),
            ),
            with(article("taken-back", 3), json!({"status": "unpublished"})),
            with(
                article("later", 4),
                json!({"status": "scheduled", "published_at": "2999-01-01T00:00:00Z"}),
            ),
        ],
    );
    for path in [
        "/v1/articles",
        "/v1/articles?sort=title",
        "/v1/articles?q=paragraph",
        "/v1/search?q=paragraph",
    ] {
        assert_eq!(app.slugs(path), ["seen"], "{path}");
    }
    assert_eq!(
        app.get("/v1/articles?count=exact").json()["page"]["total"],
        1
    );
    // What only a draft says is nobody's business: the tag is not even there.
    app.get("/v1/tags/secret").problem(404);
}

#[rstest]
fn titles_that_fold_to_many_letters_can_be_walked(#[values(Sqlite, Postgres)] kind: Kind) {
    // One character that folds to eighteen, three hundred times.
    let titled = |n: i64| {
        with(
            article(&format!("a{n}"), n),
            json!({"title": "\u{FDFA}".repeat(300)}),
        )
    };
    let app = App::with(kind, &(0..5).map(titled).collect::<Vec<_>>());
    assert_eq!(
        app.walk("/v1/articles?sort=-title&limit=1").concat().len(),
        5
    );
}
