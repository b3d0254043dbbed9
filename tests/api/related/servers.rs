//! Servers that are started again, and several on one database: all of them answer alike.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Binary, Bool},
};
use newsstand::store::{Store, StoreError, related};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        corpus::{SUBJECTS, of_words, publication, slug, words},
        learning::{state, unserved},
        path,
    },
    support::{
        Kind, Postgres, Sqlite, client, content::with, contract, database::Database, editor,
    },
    tokens::server::{Server, ask},
};

/// How long it may take until all servers know of a new article.
const KNOWN_WITHIN: Duration = Duration::from_secs(10);

/// A list that is kept.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
pub struct List {
    #[diesel(sql_type = BigInt)]
    pub article_pk: i64,
    #[diesel(sql_type = Bool)]
    pub same_category: bool,
    #[diesel(sql_type = BigInt)]
    pub epoch: i64,
    #[diesel(sql_type = Binary)]
    pub entries: Vec<u8>,
}

pub fn lists(store: &Store) -> Vec<List> {
    let found = store.rehearse_blocking(|connection| -> Result<Vec<List>, StoreError> {
        let query = "SELECT article_pk, same_category, epoch, entries FROM related_lists \
                     ORDER BY article_pk, same_category";
        Ok(sql_query(query).load(connection)?)
    });
    found.unwrap()
}

/// A publication that was learned and of which all lists are kept.
fn settled(kind: Kind) -> (Database, Store) {
    let (database, store) = unserved(kind);
    while related::tend(&store, Duration::from_secs(5)).unwrap() {}
    (database, store)
}

fn serve(database: &Database) -> Server {
    Server::start(&database.url, "warn", Stdio::inherit())
}

fn get(address: SocketAddr, path: &str) -> Value {
    let answer = client::send(address, "GET", path, &[]);
    contract::check("GET", path, &answer);
    answer.ok().json()["data"].clone()
}

/// What readers are shown under these paths.
type Answers = BTreeMap<String, Value>;

/// Related articles of every subject, and pages of searches.
fn answers(server: &Server) -> Answers {
    let of_subject = |subject: usize| {
        let path = path(&slug(subject, 0));
        [12, 50].map(|limit| format!("{path}?limit={limit}"))
    };
    let related = (0..SUBJECTS.len()).flat_map(of_subject);
    let searches = ["glacier", "harbour+ferry", "news"];
    let searches = searches.map(|q| format!("/v1/search?limit=15&q={q}"));
    let paths = related.chain(searches);
    paths
        .map(|path| (path.clone(), get(server.address, &path)))
        .collect()
}

/// Whether an article stands in the answer under a path.
fn shows(answers: &Answers, path: &str, slug: &str) -> bool {
    let items = answers[path].as_array().unwrap();
    items.iter().any(|item| item["article"]["slug"] == slug)
}

#[rstest]
fn a_server_that_is_started_again_answers_as_before_and_learns_nothing_anew(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = settled(kind);
    let learned = state(&store);
    let kept = lists(&store);
    assert_eq!(kept.len(), publication().len());
    assert!(kept.iter().all(|list| list.epoch == learned.epoch));
    let server = serve(&database);
    let before = answers(&server);
    drop(server);
    let server = serve(&database);
    assert_eq!(answers(&server), before);
    // It looks twice a second whether there is anything to do.
    thread::sleep(Duration::from_millis(1_500));
    assert_eq!(answers(&server), before);
    assert_eq!(state(&store), learned);
    assert!(lists(&store) == kept, "lists were kept anew");
}

#[rstest]
fn two_servers_on_one_database_answer_alike(#[values(Sqlite, Postgres)] kind: Kind) {
    let (database, _store) = settled(kind);
    let (one, other) = (serve(&database), serve(&database));
    assert_eq!(answers(&one), answers(&other));
    let members = json!({"title": "A glacier on the move", "status": "published"});
    let new = with(of_words("mountain-new", 50, &words(6), 7_001), members);
    let made = ask(one.address, &editor(), ("POST", "/v1/articles"), &[], &new);
    assert_eq!(made.status, 201, "{}", made.text());
    let of_neighbour = format!("{}?limit=12", path("mountain-0"));
    let of_search = "/v1/search?limit=15&q=glacier";
    let know = |found: &Answers| {
        shows(found, &of_neighbour, "mountain-new") && shows(found, of_search, "mountain-new")
    };
    let both = || (answers(&one), answers(&other));
    let started = Instant::now();
    let (mut of_one, mut of_other) = both();
    while (!know(&of_one) || of_one != of_other) && started.elapsed() < KNOWN_WITHIN {
        thread::sleep(Duration::from_millis(100));
        (of_one, of_other) = both();
    }
    assert!(know(&of_one) && know(&of_other), "{of_one:#?}");
    assert_eq!(of_one, of_other);
}
