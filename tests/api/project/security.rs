//! What SECURITY.md says is there.

use std::{fs, path::Path};

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn each_test_and_file_that_is_named_is_there() {
    let text = fs::read_to_string("SECURITY.md").unwrap();
    let mut tests = 0;
    for name in quoted(&text) {
        if name.contains("::") {
            tests += 1;
            let (module, test) = name.rsplit_once("::").unwrap();
            let path = format!("tests/api/{}", module.replace("::", "/"));
            let file = [format!("{path}.rs"), format!("{path}/mod.rs")];
            let file = file.into_iter().find(|file| Path::new(file).exists());
            let file = file.unwrap_or_else(|| panic!("{name}: there is no {path}"));
            let code = fs::read_to_string(file).unwrap();
            let found = code.split_once(&format!("\nfn {test}("));
            let (before, _) = found.unwrap_or_else(|| panic!("there is no {name}"));
            let attributes = before.rsplit("\n\n").next().unwrap();
            assert!(attributes.contains("test]"), "{name} is no test");
        } else if name.starts_with("src/") || name.starts_with("openapi/") {
            assert!(Path::new(name).exists(), "there is no {name}");
        }
    }
    assert!(tests > 40, "{tests}");
    for number in 1..=10 {
        let begin = format!("| API{number} ");
        let shown = text.lines().find(|line| line.starts_with(&begin));
        let shown = shown.unwrap_or_else(|| panic!("API{number} is not there"));
        let cell = shown.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        assert!(cell.contains("::"), "API{number} is shown by nothing");
    }
}
