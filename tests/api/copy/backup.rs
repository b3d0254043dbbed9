//! `newsstand backup`

use std::{fs, path::Path};

use rstest::rstest;

use super::{
    complaint,
    content::{answers, fill, write_on},
    said,
};
use crate::{
    support::{App, Kind, Postgres, Sqlite, database::Database},
    tokens::server::run,
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
