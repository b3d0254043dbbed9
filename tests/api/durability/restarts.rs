//! A server that is told to stop: it says so first, finishes what it has begun, and drops nobody.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection, connection::SimpleConnection};
use rstest::rstest;

use super::{
    alone, create, nothing_to_complain_of, patch,
    process::{Connection, Process, doctor, free_port, token},
    setting, told, version,
};
use crate::support::{Kind, Postgres, Sqlite, database::Database};

const CLIENTS: usize = 6;
/// Clients end then, whatever becomes of the test.
const AT_MOST: Duration = Duration::from_secs(600);

/// What one client met with.
#[derive(Default)]
struct Tally {
    answered: usize,
    refused: usize,
    fault: Option<String>,
}

/// Asks one thing after another; what is refused a connection is asked again, and nothing else.
/// Some clients keep their connections, some need a new one for each request.
fn ask_until(over: &AtomicBool, address: SocketAddr, token: &str, client: usize) -> Tally {
    let started = Instant::now();
    let open = || {
        let reader = Connection::new(address, None);
        (reader, Connection::new(address, Some(token)))
    };
    let slug = format!("r{client}");
    let (mut reader, mut writer) = open();
    let mut tally = Tally::default();
    while !over.load(SeqCst) && started.elapsed() < AT_MOST {
        if client.is_multiple_of(2) {
            (reader, writer) = open();
        }
        let number = u32::try_from(tally.answered).unwrap();
        let answer = match number % 5 {
            0 => patch(&mut writer, &slug, "*", &version(&slug, number + 2)),
            1 => reader.get("/v1/search?q=harbour"),
            _ => reader.get("/v1/articles?limit=5"),
        };
        match answer {
            Ok(answer) if answer.status == 200 => tally.answered += 1,
            Ok(answer) => tally.fault = Some(told(&slug, &answer)),
            Err(cause) if cause.kind() == ErrorKind::ConnectionRefused => {
                tally.refused += 1;
                thread::sleep(Duration::from_millis(5));
            }
            Err(cause) => tally.fault = Some(format!("{slug} {number}: {cause}")),
        }
        if tally.fault.is_some() {
            break;
        }
    }
    tally
}

#[rstest]
fn no_request_is_lost_when_a_server_is_restarted(#[values(Sqlite, Postgres)] kind: Kind) {
    let _alone = alone();
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr");
    let token = token(&database);
    let bound = format!("127.0.0.1:{}", free_port());
    // Whoever keeps a connection asks once in a second, and is told then to ask for another one.
    let flags = ["--shutdown-delay", "1"];
    let mut server = Process::start_on(&database, &log, &bound, &flags);
    let address = server.address;
    let mut connection = Connection::new(address, Some(&token));
    for client in 0..CLIENTS {
        let answer = create(&mut connection, &format!("r{client}"), "published");
        assert_eq!(answer.unwrap().status, 201);
    }
    let restarts = setting("NEWSSTAND_RESTARTS", 2);
    let over = AtomicBool::new(false);
    let mut ended_well = 0;
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let (over, token) = (&over, token.as_str());
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || ask_until(over, address, token, client)))
            .collect();
        for _ in 0..restarts {
            thread::sleep(Duration::from_millis(500));
            server.terminate();
            ended_well += u64::from(server.has_ended_well());
            server = Process::start_on(&database, &log, &bound, &flags);
        }
        thread::sleep(Duration::from_millis(500));
        over.store(true, SeqCst);
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    let answered: usize = tallies.iter().map(|tally| tally.answered).sum();
    let refused: usize = tallies.iter().map(|tally| tally.refused).sum();
    eprintln!(
        "restarts on {kind:?}: {restarts} restarts, {answered} requests answered, {refused} \
         connections refused"
    );
    let faults: Vec<&String> = tallies.iter().filter_map(|t| t.fault.as_ref()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(ended_well, restarts);
    assert!(answered > CLIENTS, "{answered}");
    nothing_to_complain_of(&log);
    drop(server);
    doctor(&database);
}

/// A server of a test about one.
fn server(flags: &[&str]) -> (Process, Database, tempfile::TempDir) {
    let database = Database::new(Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr");
    let server = Process::start_on(&database, &log, "127.0.0.1:0", flags);
    (server, database, folder)
}

#[test]
fn a_server_that_is_told_to_stop_says_so_and_goes_on_for_a_while() {
    let (mut server, _database, _folder) = server(&["--shutdown-delay", "3"]);
    let mut kept = Connection::new(server.address, None);
    let answer = kept.get("/v1/articles").unwrap().ok();
    assert_eq!(answer.header("connection"), None);
    let told_at = Instant::now();
    server.terminate();
    let ready = || {
        let answer = Connection::new(server.address, None).get("/readyz");
        answer.unwrap()
    };
    let mut answer = ready();
    while answer.status == 200 {
        assert!(told_at.elapsed() < Duration::from_secs(2));
        answer = ready();
    }
    assert_eq!(answer.problem(503).0, "unavailable");
    let lacking = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(lacking.starts_with("server: "), "{lacking}");
    // New connections are taken, and those that are there are told to go.
    for path in ["/v1/articles", "/v1/tags", "/healthz"] {
        let answer = Connection::new(server.address, None).get(path);
        let answer = answer.unwrap().ok();
        assert_eq!(answer.header("connection").as_deref(), Some("close"));
    }
    let answer = kept.get("/v1/articles").unwrap().ok();
    assert_eq!(answer.header("connection").as_deref(), Some("close"));
    assert!(server.has_ended_well());
    assert!(told_at.elapsed() >= Duration::from_secs(3));
}

#[test]
fn a_server_that_is_told_twice_does_not_wait() {
    let (mut server, _database, _folder) = server(&["--shutdown-delay", "300"]);
    server.terminate();
    thread::sleep(Duration::from_millis(300));
    server.terminate();
    assert!(server.has_ended_well());
}

#[test]
fn what_is_in_flight_is_finished() {
    let (mut server, database, _folder) = server(&["--shutdown-delay", "0"]);
    let body = version("late", 1).to_string();
    let (one, other) = body.split_at(body.len() / 2);
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "POST /v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{one}",
        token(&database),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(300));
    server.terminate();
    // By then the port is closed.
    thread::sleep(Duration::from_millis(2_500));
    assert!(TcpStream::connect(server.address).is_err());
    stream.write_all(other.as_bytes()).unwrap();
    let mut came = String::new();
    stream.read_to_string(&mut came).unwrap();
    assert!(came.starts_with("HTTP/1.1 201"), "{came}");
    assert!(came.contains("connection: close"), "{came}");
    assert!(server.has_ended_well());
}

/// Neither those of the workers nor those of the last moment, who are served by the thread that
/// ends the process.
#[test]
fn reads_that_hang_do_not_hold_the_end() {
    let database = Database::new(Postgres);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stderr");
    let flags = [
        "--shutdown-delay",
        "0",
        "--shutdown-timeout",
        "1",
        "--query-timeout",
        "3600",
    ];
    let mut server = Process::start_on(&database, &log, "127.0.0.1:0", &flags);
    let mut other = PgConnection::establish(&database.url).unwrap();
    let lock = "BEGIN; LOCK TABLE articles IN ACCESS EXCLUSIVE MODE";
    other.batch_execute(lock).unwrap();
    let address = server.address;
    let ask = |number: usize| {
        let mut stream = TcpStream::connect(address).ok()?;
        let request = format!("GET /v1/articles/a{number} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        Some(stream)
    };
    let early = ask(0).expect("a connection");
    thread::sleep(Duration::from_millis(200));
    let told_at = Instant::now();
    server.terminate();
    let mut late = Vec::new();
    while told_at.elapsed() < Duration::from_millis(400) {
        late.extend(ask(late.len() + 1));
        thread::sleep(Duration::from_millis(20));
    }
    assert!(server.has_ended_well());
    let took = told_at.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop((early, late));
}

#[test]
fn all_is_in_sqlites_file_when_a_server_has_ended() {
    let (mut server, database, _folder) = server(&["--shutdown-delay", "0"]);
    let mut connection = Connection::new(server.address, Some(&token(&database)));
    let answer = create(&mut connection, "last", "published").unwrap();
    assert_eq!(answer.status, 201);
    drop(connection);
    // What the server does by itself then is done.
    thread::sleep(Duration::from_secs(3));
    server.terminate();
    assert!(server.has_ended_well());
    let path = database.url.trim_start_matches("sqlite://");
    let log = fs::metadata(format!("{path}-wal"));
    assert_eq!(log.map_or(0, |log| log.len()), 0);
    doctor(&database);
}
