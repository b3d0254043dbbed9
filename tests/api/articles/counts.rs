//! Totals, numbered pages and lists by category beside a plain model of what they should be, while
//! articles and categories change.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, date, with},
};

const ANY: (&str, &str) = ("If-Match", "*");

/// An article as the model has it.
#[derive(Debug, Clone)]
struct Item {
    id: String,
    slug: String,
    status: &'static str,
    category: Option<&'static str>,
    day: i64,
}

/// What there is: articles, and categories with the one above each.
struct Model {
    items: Vec<Item>,
    above: BTreeMap<&'static str, Option<&'static str>>,
    random: u64,
}

/// Which articles a list holds, as its address says it and as the model finds it.
struct Filter {
    address: &'static str,
    within: &'static [&'static str],
    outside: &'static [&'static str],
    statuses: &'static [&'static str],
}

const fn filter(
    address: &'static str,
    within: &'static [&'static str],
    outside: &'static [&'static str],
) -> Filter {
    Filter {
        address,
        within,
        outside,
        statuses: &[],
    }
}

const FILTERS: [Filter; 7] = [
    filter("", &[], &[]),
    filter("&category=world", &["world"], &[]),
    filter("&category=nordic", &["nordic"], &[]),
    filter("&category=nordic,sport", &["nordic", "sport"], &[]),
    filter("&exclude_category=europe", &[], &["europe"]),
    filter(
        "&category=world&exclude_category=europe",
        &["world"],
        &["europe"],
    ),
    filter("&category=nowhere", &["nowhere"], &[]),
];

/// What only editors may ask for.
const OF_EDITORS: [Filter; 3] = [
    Filter {
        address: "&status=draft",
        within: &[],
        outside: &[],
        statuses: &["draft"],
    },
    Filter {
        address: "&status=draft,unpublished",
        within: &[],
        outside: &[],
        statuses: &["draft", "unpublished"],
    },
    Filter {
        address: "&status=published,draft&category=world",
        within: &["world"],
        outside: &[],
        statuses: &["published", "draft"],
    },
];

impl Model {
    fn new() -> Self {
        let above = [
            ("world", None),
            ("europe", Some("world")),
            ("nordic", Some("europe")),
            ("asia", Some("world")),
            ("sport", None),
        ];
        Self {
            items: Vec::new(),
            above: above.into_iter().collect(),
            random: 7,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005);
        self.random = self.random.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap() % bound
    }

    /// A category that there is, or none.
    fn some_category(&mut self) -> Option<&'static str> {
        let place = self.below(self.above.len() + 1);
        self.above.keys().nth(place).copied()
    }

    /// Many are equal, and they lie in several spans on both sides of 1970.
    fn some_day(&mut self) -> i64 {
        -20_500 + 17 * i64::try_from(self.below(9)).unwrap()
    }

    fn is_within(&self, category: Option<&'static str>, root: &str) -> bool {
        let Some(category) = category else {
            return false;
        };
        category == root || self.is_within(self.above[category], root)
    }

    /// Slugs of a list, newest first.
    fn list(&self, filter: &Filter, is_editor: bool) -> Vec<&str> {
        let passes = |item: &&Item| {
            let is_seen = is_editor || item.status == "published";
            let is_in = |roots: &[&str]| roots.iter().any(|r| self.is_within(item.category, r));
            is_seen
                && (filter.statuses.is_empty() || filter.statuses.contains(&item.status))
                && (filter.within.is_empty() || is_in(filter.within))
                && !is_in(filter.outside)
        };
        let mut listed: Vec<&Item> = self.items.iter().filter(passes).collect();
        listed.sort_by(|one, other| (other.day, &other.id).cmp(&(one.day, &one.id)));
        listed.iter().map(|item| item.slug.as_str()).collect()
    }

    /// Writes something, through the API and here.
    fn write(&mut self, app: &App) {
        let number = self.items.len();
        let chance = self.below(100);
        if number < 25 || chance < 20 {
            return self.create(app);
        }
        let place = self.below(number);
        let path = format!("/v1/articles/{}", self.items[place].slug);
        let done = |answer: Answer| assert!(answer.status < 300, "{}", answer.text());
        match chance {
            20..40 => {
                done(app.edit("POST", &format!("{path}/publish"), &[], &Value::Null));
                self.items[place].status = "published";
            }
            40..55 if self.items[place].status == "published" => {
                done(app.edit("POST", &format!("{path}/unpublish"), &[], &Value::Null));
                self.items[place].status = "unpublished";
            }
            55..70 => {
                let category = self.some_category();
                let members = json!({"category": category});
                done(app.edit("PATCH", &path, &[ANY], &members));
                self.items[place].category = category;
            }
            70..85 => {
                let day = self.some_day();
                let members = json!({"published_at": date(day)});
                done(app.edit("PATCH", &path, &[ANY], &members));
                self.items[place].day = day;
            }
            85..95 => {
                done(app.edit("DELETE", &path, &[ANY], &Value::Null));
                self.items.remove(place);
            }
            _ => {
                let members = json!({"title": format!("Another title of {place}")});
                done(app.edit("PATCH", &path, &[ANY], &members));
            }
        }
    }

    fn create(&mut self, app: &App) {
        let slug = format!("n{}", self.below(1_000_000_000));
        let status = ["published", "published", "draft"][self.below(3)];
        let (category, day) = (self.some_category(), self.some_day());
        let members = json!({"status": status, "category": category, "published_at": date(day)});
        let (made, _) = app.create(&with(article(&slug, 0), members));
        self.items.push(Item {
            id: made["id"].as_str().unwrap().to_owned(),
            slug,
            status,
            category,
            day,
        });
    }
}

fn ask(app: &App, path: &str, is_editor: bool) -> Answer {
    match is_editor {
        true => app.read(path).ok(),
        false => app.get(path).ok(),
    }
}

/// All pages by number, and all by cursor.
fn pages(app: &App, path: &str, is_editor: bool, total: usize) -> [Vec<String>; 2] {
    let mut numbered = Vec::new();
    for number in 1..=total.div_ceil(9) + 1 {
        let page = ask(app, &format!("{path}&page={number}"), is_editor);
        assert_eq!(page.json()["page"]["total"], total, "{path}, {number}");
        numbered.extend(page.slugs());
    }
    let mut walked = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = ask(app, &path, is_editor);
        walked.extend(page.slugs());
        next = page.json()["links"]["next"].as_str().map(str::to_owned);
    }
    [numbered, walked]
}

fn check_pages(app: &App, model: &Model) {
    let of_everyone = FILTERS
        .iter()
        .flat_map(|filter| [(filter, false), (filter, true)]);
    let of_editors = OF_EDITORS.iter().map(|filter| (filter, true));
    for (filter, is_editor) in of_everyone.chain(of_editors) {
        let mut expected = model.list(filter, is_editor);
        for sort in ["-published_at", "published_at"] {
            let path = format!("/v1/articles?limit=9&sort={sort}{}", filter.address);
            for found in pages(app, &path, is_editor, expected.len()) {
                assert_eq!(found, expected, "{path}");
            }
            expected.reverse();
        }
    }
}

fn check_totals(app: &App, model: &Model) {
    for filter in &FILTERS {
        for is_editor in [false, true] {
            let path = format!("/v1/articles?limit=1&count=exact{}", filter.address);
            let found = ask(app, &path, is_editor).json()["page"]["total"].clone();
            assert_eq!(found, model.list(filter, is_editor).len(), "{path}");
        }
    }
    let categories = app.get("/v1/categories?limit=100").ok().json();
    for found in categories["data"].as_array().unwrap() {
        let slug = found["slug"].as_str().unwrap();
        let published: Vec<&Item> = model
            .items
            .iter()
            .filter(|item| item.status == "published" && model.is_within(item.category, slug))
            .collect();
        let here = published.iter().filter(|item| item.category == Some(slug));
        assert_eq!(found["article_count"], here.count(), "{slug}");
        assert_eq!(found["total_article_count"], published.len(), "{slug}");
        let latest = published.iter().map(|item| item.day).max();
        assert_eq!(
            found["latest_published_at"],
            json!(latest.map(date)),
            "{slug}"
        );
    }
}

#[rstest]
fn lists_are_as_a_model_has_them_after_every_write(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let mut model = Model::new();
    for (slug, parent) in [
        ("world", None),
        ("europe", Some("world")),
        ("nordic", Some("europe")),
        ("asia", Some("world")),
        ("sport", None),
    ] {
        let sent = json!({"name": slug, "slug": slug, "parent": parent});
        let made = app.edit("POST", "/v1/categories", &[], &sent);
        assert_eq!(made.status, 201, "{}", made.text());
    }
    for round in 0..60 {
        model.write(&app);
        check_totals(&app, &model);
        if round % 30 == 29 {
            check_pages(&app, &model);
        }
    }
    // A category goes elsewhere with all below it, and one goes for good.
    let moved = json!({"parent": "sport"});
    app.edit("PATCH", "/v1/categories/europe", &[ANY], &moved)
        .ok();
    model.above.insert("europe", Some("sport"));
    check_totals(&app, &model);
    let gone = "/v1/categories/asia?move_to=nordic";
    let gone = app.edit("DELETE", gone, &[ANY], &Value::Null);
    assert_eq!(gone.status, 204, "{}", gone.text());
    model.above.remove("asia");
    for item in &mut model.items {
        if item.category == Some("asia") {
            item.category = Some("nordic");
        }
    }
    check_totals(&app, &model);
    check_pages(&app, &model);
}

#[rstest]
fn pages_meet_each_article_once_where_many_dates_are_equal(#[values(Sqlite, Postgres)] kind: Kind) {
    let categories = [vec!["World"], vec!["World", "Europe"], vec!["Sport"]];
    let dated = |number: i64| {
        let category = &categories[usize::try_from(number % 3).unwrap()];
        let day = (number % 7) * 11;
        with(
            article(&format!("a{number}"), day),
            json!({"category": category}),
        )
    };
    let app = App::with(kind, &(0..60).map(dated).collect::<Vec<_>>());
    for filter in ["", "&category=sport", "&category=world"] {
        for sort in ["-published_at", "published_at"] {
            let path = format!("/v1/articles?sort={sort}{filter}");
            let whole = app.slugs(&format!("{path}&limit=100"));
            let found = pages(&app, &format!("{path}&limit=9"), false, whole.len());
            assert_eq!(found, [whole.clone(), whole.clone()], "{path}");
            let mut sorted = whole.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(sorted.len(), whole.len(), "{path}");
            let between = format!("&published_after={}&published_before={}", date(9), date(55));
            let some = app.slugs(&format!("{path}&limit=100{between}"));
            let is_between = |slug: &&String| {
                let number: i64 = slug.trim_start_matches('a').parse().unwrap();
                (1..5).contains(&(number % 7))
            };
            let expected: Vec<&String> = whole.iter().filter(is_between).collect();
            assert_eq!(some.iter().collect::<Vec<_>>(), expected, "{path}");
            let found = pages(&app, &format!("{path}&limit=9{between}"), false, some.len());
            assert_eq!(found, [some.clone(), some], "{path}");
        }
    }
}

#[rstest]
fn a_category_may_have_very_many_below_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let filed = |number: i64| {
        with(
            article(&format!("a{number}"), number * 5 % 90),
            json!({"category": ["Top", format!("Below {}", number % 70)]}),
        )
    };
    let app = App::with(kind, &(0..80).map(filed).collect::<Vec<_>>());
    app.put(&[with(article("elsewhere", 3), json!({"category": "Other"}))]);
    for sort in ["-published_at", "published_at"] {
        let all = app.slugs(&format!("/v1/articles?limit=100&sort={sort}"));
        let expected: Vec<String> = all.into_iter().filter(|slug| slug != "elsewhere").collect();
        assert_eq!(expected.len(), 80);
        let path = format!("/v1/articles?limit=9&sort={sort}&category=top");
        let found = pages(&app, &path, false, 80);
        assert_eq!(found, [expected.clone(), expected], "{sort}");
    }
    let back = ask(&app, "/v1/articles?limit=9&category=top", false).json();
    let second = ask(&app, back["links"]["next"].as_str().unwrap(), false).json();
    let first = app.slugs(second["links"]["prev"].as_str().unwrap());
    assert_eq!(first, app.slugs("/v1/articles?limit=9&category=top"));
}
