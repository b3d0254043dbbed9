//! Answers that are not in the cache, beside handlers that do the least with the database: one
//! query each, on a pool of the same size.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, ServiceConfig},
};
use diesel::{
    OptionalExtension, PgConnection, QueryResult, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{ConnectionManager, CustomizeConnection, Error, Pool},
};

use crate::{
    Bench,
    child::{self, Plan, What},
    client::{self, Client},
    kinds::{self, Kind},
    measure::{self, Row, Side, Wanted},
    process::Process,
    queries::{FirstList, Listed, OneArticle, Whole},
};

/// As the program opens those of its readers; a file that it made has its WAL already.
const ON_SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA cache_size = -16000; \
                         PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;";

/// Connections to a database of either kind.
enum Connections {
    Sqlite(Pool<ConnectionManager<SqliteConnection>>),
    Postgres(Pool<ConnectionManager<PgConnection>>),
}

#[derive(Debug)]
struct OfReaders;

impl CustomizeConnection<SqliteConnection, Error> for OfReaders {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        connection.batch_execute(ON_SQLITE).map_err(Error::from)
    }
}

impl Connections {
    fn open(database: &str, most: u32) -> Self {
        match database.strip_prefix("sqlite://") {
            Some(path) => {
                let manager = ConnectionManager::<SqliteConnection>::new(path);
                let builder = Pool::<ConnectionManager<SqliteConnection>>::builder()
                    .max_size(most)
                    .test_on_check_out(false)
                    .connection_customizer(Box::new(OfReaders));
                Self::Sqlite(builder.build(manager).unwrap())
            }
            None => {
                let manager = ConnectionManager::<PgConnection>::new(database);
                let builder = Pool::<ConnectionManager<PgConnection>>::builder();
                Self::Postgres(builder.max_size(most).build(manager).unwrap())
            }
        }
    }

    fn article(&self, slug: String) -> QueryResult<Option<Whole>> {
        let query = OneArticle { slug };
        let found: QueryResult<Whole> = match self {
            Self::Sqlite(pool) => query.get_result(&mut *pool.get().unwrap()),
            Self::Postgres(pool) => query.get_result(&mut *pool.get().unwrap()),
        };
        found.optional()
    }

    fn list(&self) -> QueryResult<Vec<Listed>> {
        match self {
            Self::Sqlite(pool) => FirstList.load(&mut *pool.get().unwrap()),
            Self::Postgres(pool) => FirstList.load(&mut *pool.get().unwrap()),
        }
    }
}

/// The routes of the process to compare with.
pub fn routes(
    database: &str,
    pool: u32,
) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static + use<> {
    let connections = Data::new(Connections::open(database, pool));
    move |config: &mut ServiceConfig| {
        config
            .app_data(connections.clone())
            .route("/cold/article/{slug}", web::get().to(article))
            .route("/cold/list", web::get().to(list));
    }
}

async fn article(slug: Path<String>, connections: Data<Connections>) -> HttpResponse {
    let found = web::block(move || connections.article(slug.into_inner())).await;
    match found.unwrap().unwrap() {
        Some((_, _, blocks)) => HttpResponse::Ok()
            .content_type("application/json")
            .body(blocks),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn list(connections: Data<Connections>) -> HttpResponse {
    let found = web::block(move || connections.list()).await;
    let body = serde_json::to_vec(&found.unwrap().unwrap()).unwrap();
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

/// Measures and prints.
pub fn run(bench: &Bench) {
    let ours = bench.server(&[("CACHE_BYTES", "0")]);
    let plan = Plan {
        workers: bench.workers(),
        what: What::Cold {
            database: bench.database.url.clone(),
            pool: bench.args.pool,
        },
    };
    let least = child::start(&plan, bench.folder.path());
    let kinds = kinds::all(ours.address, bench.args.keys);
    let [articles, lists, ..] = &kinds[..] else {
        panic!("no kinds");
    };
    ours.wait_till_quiet();
    let slug_of = |path: &String| path.replace("/v1/articles/", "/cold/article/");
    let cold_articles: Vec<String> = articles.paths.iter().map(slug_of).collect();
    let first_list = [lists.paths[0].clone()];
    let cold_list = ["/cold/list".to_owned()];
    println!("\n## Cold: the cache is off\n");
    measure::print_head(&["ours", "one query"]);
    let pairs = [
        (articles, &articles.paths[..], &cold_articles[..], 0.7),
        (lists, &first_list[..], &cold_list[..], 0.5),
    ];
    for (Kind { name, .. }, our_paths, least_paths, rate) in pairs {
        let sides = [side(&ours, our_paths), side(&least, least_paths)];
        let wanted = Wanted { rate, cpu: None };
        let name = format!("{name}, cold");
        Row::measure(&bench.wrk(), bench.rounds(), name, wanted, &sides).print();
    }
    measure::print_memory(&[("ours", &ours), ("one query", &least)]);
}

/// A server that gives good answers for these paths.
fn side<'a>(process: &'a Process, paths: &[String]) -> Side<'a> {
    let mut client = Client::new(process.address);
    let request = |path: &String| {
        client.get(path, &[]).must_be(200, path);
        client::request("GET", path, process.address, &[], "")
    };
    Side {
        requests: paths.iter().map(request).collect(),
        process,
    }
}
