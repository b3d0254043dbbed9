//! `newsstand import`

mod csv;
mod feed;
mod ghost;
mod html;
mod jsonl;
mod markdown;
mod page;
mod wordpress;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::support::App;

/// What a run of the program gave.
pub struct Run {
    pub status: i32,
    pub out: String,
    pub told: String,
}

/// Runs `newsstand import` on a file with some content.
pub fn import(app: &App, format: &str, flags: &[&str], content: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["import", format])
        .args(flags)
        .arg("-")
        .env("DATABASE_URL", &app.database.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(content.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        told: String::from_utf8(output.stderr).unwrap(),
    }
}
