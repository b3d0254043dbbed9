//! Answers from the cache, beside the same answers from a bare handler and as files of nginx.

use crate::{
    Bench, Part,
    child::{self, Plan, What},
    client::{self, Client},
    kinds::{self, Kind},
    measure::{self, Row, Side, Wanted},
    nginx,
    process::Process,
};

/// The coding of compressed answers: the one that nginx has files for.
pub const CODING: &str = "gzip";

/// Measures and prints.
pub fn run(bench: &Bench) {
    let ours = bench.server(&[]);
    let kinds = kinds::all(ours.address, bench.args.keys);
    kinds::settle(ours.address, &kinds);
    let paths: Vec<String> = kinds.iter().flat_map(|kind| kind.paths.clone()).collect();
    let nginx = nginx::start(bench, ours.address, &paths);
    let origin = ours.address;
    let plan = Plan {
        workers: bench.workers(),
        what: What::Bare { origin, paths },
    };
    let bare = child::start(&plan, bench.folder.path());
    let mut servers = vec![("ours", &ours), ("bare", &bare)];
    servers.extend(nginx.as_ref().map(|nginx| ("nginx", nginx)));
    println!("\n## Hot: answers from the cache\n");
    let names: Vec<&str> = servers.iter().map(|(name, _)| *name).collect();
    measure::print_head(&names);
    for part in Part::OF_HOT.into_iter().filter(|part| bench.wants(*part)) {
        for kind in &kinds {
            let sides = servers.iter().map(|(_, process)| side(process, kind, part));
            let (sides, bodies): (Vec<Side<'_>>, Vec<Vec<Vec<u8>>>) = sides.unzip();
            let is_same = bodies.iter().all(|one| *one == bodies[0]);
            assert!(is_same, "{}: the servers differ", kind.name);
            let (form, wanted) = form(part);
            let name = format!("{}{form}", kind.name);
            Row::measure(&bench.wrk(), bench.rounds(), name, wanted, &sides).print();
        }
    }
    measure::print_memory(&servers);
}

/// What tells the rows of a part, and what is wanted of them.
fn form(part: Part) -> (&'static str, Wanted) {
    let wanted = |rate| Wanted {
        rate,
        cpu: Some(1.2),
    };
    match part {
        Part::Compressed => (", gzip", wanted(0.85)),
        Part::Known => (", If-None-Match", wanted(0.9)),
        _ => ("", wanted(0.85)),
    }
}

/// What a server is asked of a kind, and the bodies that it answers with.
fn side<'a>(process: &'a Process, kind: &Kind, part: Part) -> (Side<'a>, Vec<Vec<u8>>) {
    let address = process.address;
    let mut client = Client::new(address);
    let one = |path: &String| {
        let plain = client.get(path, &[]).must_be(200, path);
        let etag = plain.header("etag").expect("an entity tag");
        let (fields, status) = match part {
            Part::Known => (vec![("If-None-Match", etag)], 304),
            Part::Compressed => (vec![("Accept-Encoding", CODING)], 200),
            _ => (Vec::new(), 200),
        };
        let answer = client.get(path, &fields).must_be(status, path);
        let request = client::request("GET", path, address, &fields, "");
        (request, answer.body)
    };
    let (requests, bodies) = kind.paths.iter().map(one).unzip();
    (Side { process, requests }, bodies)
}
