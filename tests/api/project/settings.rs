//! Settings: all of them in `.env.example`, with their defaults.

use std::{collections::BTreeMap, process::Command};

use clap::CommandFactory;
use newsstand::{cli::Cli, config};

fn newsstand() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_newsstand"));
    command.env_clear();
    command
}

#[test]
fn the_example_has_every_setting_with_its_default() {
    let text = std::fs::read_to_string(".env.example").unwrap();
    let mut example: BTreeMap<String, String> = BTreeMap::new();
    let mut comment = String::new();
    for line in text.lines() {
        if let Some(setting) = line
            .strip_prefix('#')
            .and_then(|rest| rest.split_once('='))
            .filter(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            })
        {
            assert!(
                !comment.is_empty(),
                "{} has no line that explains it",
                setting.0
            );
            let value = setting.1.trim_matches('"');
            example.insert(setting.0.to_owned(), value.to_owned());
            comment.clear();
        } else {
            comment = line.trim_start_matches('#').trim().to_owned();
        }
    }
    let known: Vec<&String> = example.keys().collect();
    assert_eq!(known, config::setting_names().iter().collect::<Vec<_>>());
    let command = Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    for argument in serve.get_arguments() {
        let Some(name) = argument.get_env() else {
            continue;
        };
        let defaults: Vec<String> = argument
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            example[&*name.to_string_lossy()],
            defaults.join(","),
            "{name:?}"
        );
    }
}

#[test]
fn a_setting_that_does_not_exist_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "BIND_ADRR=127.0.0.1:1\n").unwrap();
    let output = newsstand()
        .arg("serve")
        .current_dir(&folder)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        told.contains("BIND_ADRR is not a setting; did you mean BIND_ADDR?"),
        "{told}"
    );
}

#[test]
fn a_bad_setting_stops_the_start_and_is_named() {
    for (name, value) in [
        ("BIND_ADDR", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_POOL_SIZE", "0"),
        ("QUERY_TIMEOUT", "0"),
        ("WORKERS", "0"),
        ("BLOCKING_THREADS", "0"),
        ("OVERLOAD_READS", "0"),
        ("OVERLOAD_SEARCHES", "many"),
        ("OVERLOAD_WRITES", "0"),
        ("OVERLOAD_WAITING", "-1"),
        ("OVERLOAD_TARGET", "5 ms"),
        ("RATE_LIMIT_ADDRESS", "600"),
        ("RATE_LIMIT_TOKEN", "0/60"),
        ("TRUSTED_PROXIES", "127.0.0.1,proxy.example.com"),
        ("TRUSTED_PROXY_HEADER", "X-Real-IP"),
        ("PUBLIC_SITE_URL", "ftp://example.com"),
        ("ARTICLE_PATH", "/articles"),
        ("SHARE_NETWORKS", "x,myspace"),
        ("SHARE_NETWORKS", "x,email,x"),
        ("ARTICLE_PATH", "/a/../{slug}"),
        ("READING_WORDS_PER_MINUTE", "fast"),
        ("CORS_ALLOWED_ORIGINS", "example.com"),
        ("DEFAULT_LANGUAGE", "english!"),
        ("SERVER_TIMING", "perhaps"),
        ("RUST_LOG", "banana==="),
        ("CACHE_CONTROL", "a\nb"),
        ("CACHE_BYTES", "64 MB"),
        ("STALE_IF_ERROR", "-1"),
        ("SHUTDOWN_DELAY", "301"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = newsstand()
            .arg("serve")
            .env(name, value)
            .current_dir(&folder)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{name}");
        let flag = name.to_lowercase().replace('_', "-");
        assert!(
            told.contains(name) || told.contains(&flag),
            "{name}: {told}"
        );
    }
}

#[test]
fn a_file_of_settings_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(".env"),
        "# a comment\nDATABASE_URL=sqlite://from-file.db\n",
    )
    .unwrap();
    let output = newsstand()
        .arg("migrate")
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(folder.path().join("from-file.db").exists());
}
