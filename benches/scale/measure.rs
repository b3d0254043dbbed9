//! What the server takes for each kind of request, over HTTP.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use newsstand::model::time::UtcTime;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    articles::Publication,
    client::{Client, Server},
    queries::Queries,
    words::Chance,
};

/// Requests of each kind.
const ARTICLES: usize = 500;
const RELATED: usize = 300;
const SEARCHES: usize = 300;
const PUBLISHED: usize = 50;
/// How long lists of related articles get to be kept.
const SETTLES_IN: Duration = Duration::from_secs(15);
/// How long is waited for a published article to show, and how often is asked.
const SHOWS_WITHIN: Duration = Duration::from_secs(5);
const ASKED_EVERY: Duration = Duration::from_millis(20);
/// Related articles that can be asked for.
const LONGEST: usize = 50;

/// How long a kind of request took.
pub struct Measure {
    pub name: String,
    /// Milliseconds, sorted.
    times: Vec<f64>,
    /// What else is to be said.
    pub note: String,
}

impl Measure {
    fn new(name: impl Into<String>, times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<f64> = times
            .into_iter()
            .map(|time| time.as_secs_f64() * 1e3)
            .collect();
        times.sort_by(f64::total_cmp);
        Self {
            name: name.into(),
            times,
            note: String::new(),
        }
    }

    fn with(mut self, note: String) -> Self {
        self.note = note;
        self
    }

    pub fn count(&self) -> usize {
        self.times.len()
    }

    /// The time that this share of the requests took at most.
    pub fn share(&self, share: f64) -> f64 {
        let rank = (share * self.times.len() as f64).ceil() as usize;
        self.times
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or(f64::NAN)
    }

    pub fn p50(&self) -> f64 {
        self.share(0.50)
    }

    pub fn p99(&self) -> f64 {
        self.share(0.99)
    }
}

/// All measures; the first is that of single articles, which the others are held against.
pub fn all(server: &Server, publication: &Publication, seed: u64) -> Vec<Measure> {
    let mut client = Client::new(server.address);
    let mut measures = vec![articles(&mut client, publication, seed)];
    measures.extend(related(&mut client, publication, seed));
    measures.extend(searches(&mut client, publication, seed));
    client.pause(Duration::ZERO);
    measures.extend(published(&mut client, publication));
    measures
}

/// Slugs of different articles, by chance.
fn slugs(publication: &Publication, seed: u64, kind: u64, most: usize) -> Vec<String> {
    let mut chance = Chance::new(seed, kind, 0);
    let mut known = HashSet::new();
    (0..most)
        .map(|_| chance.below(publication.count()))
        .filter(|number| known.insert(*number))
        .map(|number| publication.slug(number))
        .collect()
}

fn articles(client: &mut Client, publication: &Publication, seed: u64) -> Measure {
    let slugs = slugs(publication, seed, 11, ARTICLES);
    // The connection and the program's own pages are warm; no article is.
    client.get("/v1/articles/no-such-article");
    let one = |slug: &String| client.get(&format!("/v1/articles/{slug}")).good().took;
    Measure::new("article by slug", slugs.iter().map(one))
}

fn related(client: &mut Client, publication: &Publication, seed: u64) -> [Measure; 2] {
    let slugs = slugs(publication, seed, 12, RELATED);
    let first = pass(client, "related, first answer", &slugs);
    client.pause(SETTLES_IN);
    [first, pass(client, "related, again", &slugs)]
}

fn pass(client: &mut Client, name: &str, slugs: &[String]) -> Measure {
    let mut empty = 0;
    let one = |slug: &String| {
        let answer = client.get(&format!("/v1/articles/{slug}/related")).good();
        empty += usize::from(answer.slugs().is_empty());
        answer.took
    };
    let times: Vec<Duration> = slugs.iter().map(one).collect();
    Measure::new(name, times).with(format!("{empty} empty"))
}

fn searches(client: &mut Client, publication: &Publication, seed: u64) -> Vec<Measure> {
    let queries = Queries::new(publication, seed, SEARCHES);
    let mut measures = Vec::new();
    for (kind, texts) in &queries.kinds {
        // Making the searches took a while, in which the server may have hung up.
        client.pause(Duration::ZERO);
        let mut found = 0;
        let one = |text: &String| {
            let answer = client.get(&search(text)).good();
            found += usize::from(!answer.slugs().is_empty());
            answer.took
        };
        let times: Vec<Duration> = texts.iter().map(one).collect();
        let note = format!("{found} found something");
        measures.push(Measure::new(format!("search: {kind}"), times).with(note));
    }
    measures
}

fn search(text: &str) -> String {
    format!(
        "/v1/search?q={}",
        utf8_percent_encode(text, NON_ALPHANUMERIC)
    )
}

/// Publishes articles one after another, and waits till each is found, and stands in the list of
/// an article that it is near to. What it takes to find that list counts as waiting.
fn published(client: &mut Client, publication: &Publication) -> [Measure; 3] {
    let (mut saved, mut searched, mut neighboured) = (Vec::new(), Vec::new(), Vec::new());
    let mut belonging = 0;
    // Another's texts each time, so that none is a twin of what an earlier run left.
    let now = usize::try_from(UtcTime::now().millis() / 1_000).unwrap() % 1_000_000;
    let first = publication.count() + now * 100;
    for number in first..first + PUBLISHED {
        let answer = client
            .post("/v1/articles", &publication.sent(number))
            .good();
        saved.push(answer.took);
        let made = answer.json();
        let slug = made["slug"].as_str().unwrap().to_owned();
        let title = made["title"].as_str().unwrap();
        let since = Instant::now();
        searched.extend(shows(client, &search(title), &slug, since));
        if let Some(list) = list_for(client, &slug) {
            belonging += 1;
            neighboured.extend(shows(client, &list, &slug, since));
        }
    }
    let in_search = format!("{} did not show", PUBLISHED - searched.len());
    let in_related = format!(
        "{} did not show; {} had no list that it belongs in",
        belonging - neighboured.len(),
        PUBLISHED - belonging
    );
    [
        Measure::new("publish (POST)", saved),
        Measure::new("published until in search", searched).with(in_search),
        Measure::new("published until with its neighbour", neighboured).with(in_related),
    ]
}

/// The list of the nearest article in whose list a new one belongs: one that is near it may well
/// have as many others that are nearer.
fn list_for(client: &mut Client, slug: &str) -> Option<String> {
    let list = |slug: &str| format!("/v1/articles/{slug}/related?limit={LONGEST}");
    let own = client.get(&list(slug)).good().scores();
    own.iter().find_map(|(neighbour, score)| {
        let list = list(neighbour);
        let theirs = client.get(&list).good().scores();
        let is_in_it = theirs.iter().any(|(one, _)| one == slug);
        let has_room = theirs.len() < LONGEST;
        // How near two are is the same both ways, and scores never rise along a list.
        let is_nearer = theirs.last().is_some_and(|(_, last)| last < score);
        (is_in_it || has_room || is_nearer).then_some(list)
    })
}

/// How long after `since` a list holds an article; `None` when it does not in time.
fn shows(client: &mut Client, list: &str, slug: &str, since: Instant) -> Option<Duration> {
    let deadline = Instant::now() + SHOWS_WITHIN;
    loop {
        let holds = client
            .get(list)
            .good()
            .slugs()
            .iter()
            .any(|one| one == slug);
        if holds {
            return Some(since.elapsed());
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(ASKED_EVERY);
    }
}
