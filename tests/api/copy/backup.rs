//! `newsstand backup`

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Output,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use super::{
    complaint,
    content::{answers, fill, write_on},
    said,
};
use crate::{
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
        database::Database,
        editor,
    },
    tokens::server::{ask, run},
};

#[rstest]
fn a_backup_of_a_running_server_can_be_served(#[values(Sqlite, Postgres)] kind: Kind) {
    let original = App::start(kind);
    let paths = fill(&original);
    let expected = answers(&original, &paths);
    let target = Database::empty(Sqlite);
    let file = target.url.trim_start_matches("sqlite://").to_owned();
    let wrote = said(&run(&original.database.url, &["backup", &file]));
    assert!(wrote.starts_with(&format!("wrote {file} (")), "{wrote}");
    // Nothing else is left beside it.
    let folder = Path::new(&file).parent().unwrap();
    let names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["test.db"]);
    // What comes later is not in it.
    write_on(&original);
    said(&run(&target.url, &["doctor"]));
    let restored = App::on(target, &[]);
    assert_eq!(answers(&restored, &paths), expected);
    write_on(&restored);
}

const WRITERS: usize = 4;
const BACKUPS: usize = 3;

/// A backup that was made while others wrote.
struct Made {
    file: PathBuf,
    output: Output,
    /// What had been acknowledged when it was begun, and how much when it was done.
    before: Vec<String>,
    after: usize,
}

/// Publishes one article after another until it is over; what is acknowledged is noted.
fn publish_until(over: &AtomicBool, app: &App, writer: usize, acknowledged: &Mutex<Vec<String>>) {
    let token = editor();
    for number in 0..10_000 {
        if over.load(SeqCst) {
            break;
        }
        let slug = format!("w{writer}-{number}");
        let body = with(article(&slug, number % 90), json!({"status": "published"}));
        let answer = ask(app.address, &token, ("POST", "/v1/articles"), &[], &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        acknowledged.lock().unwrap().push(slug);
    }
}

/// Makes backups while others write.
fn made_under_load(app: &App, folder: &Path) -> Vec<Made> {
    let (over, acknowledged) = (AtomicBool::new(false), Mutex::default());
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (over, acknowledged) = (&over, &acknowledged);
            scope.spawn(move || publish_until(over, app, writer, acknowledged));
        }
        let known = || acknowledged.lock().unwrap().clone();
        let make = |number: usize| {
            let (noted, deadline) = (known().len(), Instant::now() + Duration::from_secs(60));
            while known().len() == noted {
                assert!(Instant::now() < deadline, "nobody writes");
                thread::sleep(Duration::from_millis(20));
            }
            let file = folder.join(format!("{number}.db"));
            let before: Vec<String> = known();
            let output = run(&app.database.url, &["backup", file.to_str().unwrap()]);
            let after = known().len();
            Made {
                file,
                output,
                before,
                after,
            }
        };
        let made = (0..BACKUPS).map(make).collect();
        over.store(true, SeqCst);
        made
    })
}

#[rstest]
fn a_backup_under_load_holds_all_that_was_acknowledged_before(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::start(kind);
    let folder = tempfile::tempdir().unwrap();
    for made in made_under_load(&app, folder.path()) {
        said(&made.output);
        assert!(made.after > made.before.len(), "nobody wrote meanwhile");
        // To restore it is to put the file where the server looks for it.
        let target = Database::empty(Sqlite);
        fs::copy(&made.file, target.url.trim_start_matches("sqlite://")).unwrap();
        said(&run(&target.url, &["doctor"]));
        let restored = App::on(target, &[]);
        let found: BTreeSet<String> = restored
            .walk("/v1/articles?limit=100")
            .into_iter()
            .flatten()
            .collect();
        let lost: Vec<&String> = (made.before.iter())
            .filter(|slug| !found.contains(*slug))
            .collect();
        assert!(lost.is_empty(), "{lost:?}");
        // What was acknowledged last may not have been noted yet.
        assert!(found.len() <= made.after + WRITERS, "{}", found.len());
        let last = format!("/v1/articles/{}?body=text", made.before.last().unwrap());
        let there = |app: &App| app.get(&last).ok().header("etag");
        assert_eq!(there(&restored), there(&app));
        restored.create(&article("restored", 1));
    }
}

#[rstest]
fn a_backup_is_never_written_over_anything(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    fs::write(&file, "precious").unwrap();
    let told = complaint(&run(&database.url, &["backup", file.to_str().unwrap()]));
    assert!(told.contains("is there already"), "{told}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let nowhere = folder.path().join("none/backup.db");
    let told = complaint(&run(&database.url, &["backup", nowhere.to_str().unwrap()]));
    assert!(told.contains("can't be written"), "{told}");
}

#[test]
fn there_is_no_backup_of_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("sqlite://{}", folder.path().join("none.db").display());
    let file = folder.path().join("backup.db");
    let told = complaint(&run(&source, &["backup", file.to_str().unwrap()]));
    assert!(told.contains("there is no database file"), "{told}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
