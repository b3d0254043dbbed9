//! Backups of Postgres with its own programs, as the README says.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    content::{answers, fill, write_on},
    said,
};
use crate::{
    support::{App, Postgres, database::Database},
    tokens::server::run,
};

/// Where Debian puts what belongs to the server, by version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Folders in which programs of Postgres may be: first that of the server that tests use, then the
/// newest, since no program can dump a server that is newer than itself.
fn folders() -> Vec<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let newest = versions.iter().rev();
    let installed = newest.map(|version| Path::new(VERSIONS).join(format!("{version}/bin")));
    let own = env::var_os("TEST_POSTGRES_BINARIES").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    (own.into_iter())
        .chain(installed)
        .chain(env::split_paths(&path))
        .collect()
}

/// Runs a program of Postgres, which must be there and end well.
fn postgres(name: &str, arguments: &[&str]) {
    let mut known = folders().into_iter().map(|folder| folder.join(name));
    let program = known.find(|program| program.exists());
    let program = program.unwrap_or_else(|| {
        panic!("{name} was not found; it comes with a Postgres server, as ./tests/run installs it")
    });
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {output:?}");
}

#[test]
fn a_dump_of_a_running_server_can_be_restored() {
    let original = App::start(Postgres);
    let paths = fill(&original);
    let expected = answers(&original, &paths);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("newsstand.dump");
    let (file, url) = (file.to_str().unwrap(), &original.database.url);
    postgres("pg_dump", &["--format=custom", "--file", file, url]);
    // What comes later is not in it.
    write_on(&original);
    let target = Database::empty(Postgres);
    let into = ["--exit-on-error", "--no-owner", "--dbname", &target.url];
    postgres("pg_restore", &[&into[..], &[file]].concat());
    said(&run(&target.url, &["doctor"]));
    let restored = App::on(target, &[]);
    assert_eq!(answers(&restored, &paths), expected);
    write_on(&restored);
    said(&run(&restored.database.url, &["doctor"]));
}
