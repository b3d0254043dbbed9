//! What each author and each tag has beside a plain model of what it should be, while articles and
//! names change.

use newsstand::model::time::UtcTime;
use rstest::rstest;
use serde_json::{Value, json};

use super::{ANY, delete, make, patch};
use crate::{
    support::{
        Answer, App, Kind, Postgres, Sqlite,
        content::{article, date, with},
        database::Database,
    },
    tokens::server::run,
};

const COUNTED: &str = "every count that is kept of an author's or a tag's articles is right";

/// The lists of names, and the filters of articles by them.
const LISTS: [(&str, &str); 2] = [("authors", "author"), ("tags", "tag")];

/// An article as the model has it, with its names of both lists.
struct Item {
    slug: String,
    status: &'static str,
    at: String,
    names: [Vec<String>; 2],
}

struct Model {
    items: Vec<Item>,
    names: [Vec<String>; 2],
    random: u64,
}

impl Model {
    fn new() -> Self {
        let authors = ["ada", "bo", "cy", "di"];
        let tags = ["ferries", "rails", "tides", "walls", "yards"];
        Self {
            items: Vec::new(),
            names: [
                authors.map(str::to_owned).to_vec(),
                tags.map(str::to_owned).to_vec(),
            ],
            random: 11,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005);
        self.random = self.random.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap() % bound
    }

    /// About a third of a list.
    fn some_names(&mut self, list: usize) -> Vec<String> {
        let known = self.names[list].clone();
        known.into_iter().filter(|_| self.below(3) == 0).collect()
    }

    /// Many are equal, and they lie on both sides of 1970.
    fn some_date(&mut self) -> String {
        date(-20_500 + 60 * i64::try_from(self.below(12)).unwrap())
    }

    /// Writes something, through the API and here.
    fn write(&mut self, app: &App) {
        let number = self.items.len();
        let chance = self.below(100);
        if number < 15 || chance < 15 {
            return self.create(app);
        }
        let place = self.below(number);
        let status = self.items[place].status;
        let path = format!("/v1/articles/{}", self.items[place].slug);
        match chance {
            15..35 => self.step(app, place, "publish", &Value::Null),
            35..45 if status == "published" => self.step(app, place, "unpublish", &Value::Null),
            45..50 if ["draft", "unpublished"].contains(&status) => {
                let year = 365 * 86_400_000;
                let at = UtcTime::from_millis(UtcTime::now().millis() + year).unwrap();
                self.step(app, place, "schedule", &json!({"at": at.to_string()}));
            }
            50..68 => {
                let list = self.below(2);
                let (member, names) = (LISTS[list].0, self.some_names(list));
                app.edit("PATCH", &path, &[ANY], &json!({member: names}))
                    .ok();
                self.items[place].names[list] = names;
            }
            68..83 if status != "scheduled" => {
                let at = self.some_date();
                app.edit("PATCH", &path, &[ANY], &json!({"published_at": at}))
                    .ok();
                self.items[place].at = at;
            }
            83..93 => {
                let gone = app.edit("DELETE", &path, &[ANY], &Value::Null);
                assert_eq!(gone.status, 204, "{}", gone.text());
                self.items.remove(place);
            }
            _ => {
                let title = json!({"title": format!("Another title of {place}")});
                app.edit("PATCH", &path, &[ANY], &title).ok();
            }
        }
    }

    fn step(&mut self, app: &App, place: usize, verb: &str, sent: &Value) {
        let item = &mut self.items[place];
        let path = format!("/v1/articles/{}/{verb}", item.slug);
        let stepped = app.edit("POST", &path, &[], sent).ok().json();
        item.at = stepped["published_at"].as_str().unwrap().to_owned();
        item.status = match verb {
            "publish" => "published",
            "unpublish" => "unpublished",
            _ => "scheduled",
        };
    }

    fn create(&mut self, app: &App) {
        let slug = format!("n{}", self.below(1_000_000_000));
        let status = ["published", "published", "draft"][self.below(3)];
        let names = [self.some_names(0), self.some_names(1)];
        let at = self.some_date();
        let members = json!({
            "status": status, "published_at": at, "authors": names[0], "tags": names[1],
        });
        app.create(&with(article(&slug, 0), members));
        self.items.push(Item {
            slug,
            status,
            at,
            names,
        });
    }

    /// Gives the articles of one name to another, or takes it from them.
    fn merge(&mut self, list: usize, gone: &str, into: Option<&str>) {
        self.names[list].retain(|name| name != gone);
        for item in &mut self.items {
            let names = &mut item.names[list];
            let had = names.iter().any(|name| name == gone);
            names.retain(|name| name != gone);
            if let Some(into) = into.filter(|_| had)
                && names.iter().all(|name| name != into)
            {
                names.push(into.to_owned());
            }
        }
    }

    /// The articles that carry a name.
    fn of<'m>(&'m self, list: usize, name: &'m str) -> impl Iterator<Item = &'m Item> {
        let carries = move |item: &&Item| item.names[list].iter().any(|known| known == name);
        self.items.iter().filter(carries)
    }
}

fn is_published(item: &&Item) -> bool {
    item.status == "published"
}

fn ask(app: &App, path: &str, is_editor: bool) -> Answer {
    match is_editor {
        true => app.read(path).ok(),
        false => app.get(path).ok(),
    }
}

/// Totals of lists of one author or tag are right, and so is what is said of these.
fn check(app: &App, model: &Model, is_editor: bool) {
    for (list, (path, filter)) in LISTS.into_iter().enumerate() {
        let found = ask(app, &format!("/v1/{path}?limit=100"), is_editor).json();
        let found = found["data"].as_array().unwrap();
        assert_eq!(found.len(), model.names[list].len());
        for one in found {
            let slug = one["slug"].as_str().unwrap();
            let count = model.of(list, slug).filter(is_published).count();
            let dates = model.of(list, slug).filter(is_published);
            let latest = dates.map(|item| &item.at).max();
            assert_eq!(one["article_count"], count, "{slug}");
            assert_eq!(one["latest_published_at"], json!(latest), "{slug}");
            let query = format!("{filter}={slug}&status=published");
            assert_eq!(total(app, &query, is_editor), count, "{query}");
        }
    }
}

fn total(app: &App, query: &str, is_editor: bool) -> Value {
    let path = format!("/v1/articles?limit=1&count=exact&{query}");
    ask(app, &path, is_editor).json()["page"]["total"].clone()
}

/// Totals of lists that ask for more, or otherwise, than for what is published of one name.
fn check_others(app: &App, model: &Model) {
    for (list, (path, filter)) in LISTS.into_iter().enumerate() {
        for name in &model.names[list] {
            let count = model.of(list, name).filter(is_published).count();
            let id = app.get(&format!("/v1/{path}/{name}")).ok().json()["id"].clone();
            let by_id = format!("{filter}={}", id.as_str().unwrap());
            assert_eq!(total(app, &by_id, false), count, "{name}");
            let numbered = format!("/v1/articles?limit=2&page=2&{filter}={name}");
            let page = app.get(&numbered).ok();
            assert_eq!(page.json()["page"]["total"], count, "{numbered}");
            assert_eq!(page.slugs().len(), count.saturating_sub(2).min(2));
            let all = model.of(list, name).count();
            let query = format!("{filter}={name}");
            assert_eq!(total(app, &query, true), all, "{query}");
            let drafts = model.of(list, name).filter(|item| item.status == "draft");
            let query = format!("{filter}={name}&status=draft");
            assert_eq!(total(app, &query, true), drafts.count(), "{query}");
            assert_eq!(total(app, &query, false), 0, "{query}");
        }
    }
    for author in &model.names[0] {
        for tag in &model.names[1] {
            let both = model.of(0, author).filter(is_published);
            let both = both.filter(|item| item.names[1].contains(tag)).count();
            let query = format!("author={author}&tag={tag}");
            assert_eq!(total(app, &query, false), both, "{query}");
        }
    }
    let either = |item: &&Item| {
        let carries = |tag: &str| item.names[1].iter().any(|known| known == tag);
        is_published(item) && (carries("rails") || carries("tides"))
    };
    let either = model.items.iter().filter(either).count();
    assert_eq!(total(app, "tag=rails,tides", false), either);
    assert_eq!(total(app, "tag=nothing", false), 0);
    assert_eq!(total(app, "author=nobody", true), 0);
}

/// The doctor sees nothing wrong with the counts.
fn examine(database: &Database) {
    let output = run(&database.url, &["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find(|line| line.ends_with(COUNTED)).unwrap();
    assert!(line.starts_with("ok"), "{said}");
}

#[rstest]
fn names_have_what_a_model_has_after_every_write(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let mut model = Model::new();
    for (list, (path, _)) in LISTS.into_iter().enumerate() {
        for name in &model.names[list] {
            make(&app, path, json!({"name": name}));
        }
    }
    for round in 0..70 {
        model.write(&app);
        check(&app, &model, round % 2 == 1);
    }
    check_others(&app, &model);
    examine(&app.database);
    // Names that change hands, and one that goes.
    for (list, gone, into) in [
        (0, "bo", Some("di")),
        (1, "walls", Some("tides")),
        (1, "ferries", None),
    ] {
        let query = into.map_or(String::new(), |into| format!("?move_to={into}"));
        let deleted = delete(&app, &format!("{}/{gone}{query}", LISTS[list].0));
        assert_eq!(deleted.status, 204, "{}", deleted.text());
        model.merge(list, gone, into);
        check(&app, &model, false);
    }
    let renamed = json!({"slug": "adelheid"});
    patch(&app, "authors/ada", renamed).ok();
    model.merge(0, "ada", Some("adelheid"));
    model.names[0].push("adelheid".to_owned());
    check(&app, &model, false);
    check_others(&app, &model);
    examine(&app.database);
}

/// Articles a day and more apart: one tag on all of them; one on the older half and the newest, so
/// that the next one is far behind it; one on few.
const MANY: &str = "\
    INSERT INTO tags (pk, id, slug, name, name_key, created_at, updated_at) \
    VALUES (1, 't1', 'many', 'Many', 'many', 1, 1), (2, 't2', 'old', 'Old', 'old', 1, 1), \
    (3, 't3', 'few', 'Few', 'few', 1, 1); \
    WITH RECURSIVE dates (n) AS \
    (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM dates WHERE n < 2400) \
    INSERT INTO articles (pk, id, slug, title, title_key, title_provisional, status, language, \
    featured, published_at, first_published_at, sort_at, modified_at, updated_at, created_at, \
    word_count, body_hash) \
    SELECT n, 'i' || n, 's' || n, 'T', 't', FALSE, 'published', 'en', FALSE, n * 100000000, n, \
    n * 100000000, n, n, n, 0, '' FROM dates; \
    INSERT INTO article_tags (article_pk, position, tag_pk) SELECT pk, 0, 1 FROM articles; \
    INSERT INTO article_tags (article_pk, position, tag_pk) \
    SELECT pk, 1, 2 FROM articles WHERE pk <= 1200 OR pk = 2400; \
    INSERT INTO article_tags (article_pk, position, tag_pk) \
    SELECT pk, 2, 3 FROM articles WHERE pk % 400 = 0";

#[rstest]
fn the_newest_of_very_many_is_found_anew(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    for write in [
        MANY,
        "UPDATE articles SET status = 'unpublished' WHERE pk = 2400",
        "UPDATE articles SET sort_at = 5, published_at = 5 WHERE pk = 2399",
        "DELETE FROM articles WHERE pk IN (2398, 2000, 1200)",
        "UPDATE article_tags SET tag_pk = 3 WHERE tag_pk = 1 AND article_pk > 2000 \
         AND article_pk < 2390",
        "UPDATE articles SET sort_at = sort_at + 300000000000, \
         published_at = published_at + 300000000000 WHERE pk < 1100",
        "DELETE FROM article_tags WHERE tag_pk = 2 AND article_pk = 1099",
        "DELETE FROM article_tags WHERE tag_pk = 2",
        "UPDATE articles SET status = 'published'",
    ] {
        database.execute(write);
        examine(&database);
    }
}
