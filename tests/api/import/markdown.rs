//! `newsstand import markdown`

use std::{fs, path::Path, process::Command};

use rstest::rstest;

use crate::{
    import::{Run, import},
    support::{App, Kind, Postgres, Sqlite},
};

/// Runs `newsstand import markdown` on a folder.
fn import_folder(app: &App, folder: &Path) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["import", "markdown"])
        .arg(folder)
        .env("DATABASE_URL", &app.database.url)
        .output()
        .unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        told: String::from_utf8(output.stderr).unwrap(),
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[rstest]
fn a_folder_of_hugo_goes_in(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let folder = folder(&[
        (
            "content/posts/harbour/index.md",
            "+++\ntitle = \"The harbour\"\ndate = 2024-05-01T10:00:00+02:00\ntags = [\"Sea\"]\ncategories = [\"City\"]\naliases = [\"/old/harbour/\"]\n+++\nShips.\n\n{{< youtube abc >}}\n\n`{{< youtube code >}}`\n",
        ),
        (
            "content/posts/bridge.md",
            "{\"title\": \"The bridge\", \"draft\": true}\nStones.\n",
        ),
        ("content/posts/_index.md", "---\ntitle: Posts\n---\n"),
        ("content/posts/broken.md", "---\ntitle: [\n---\nText\n"),
        ("content/posts/harbour/ship.jpg", "x"),
        (".git/hidden.md", "Hidden"),
        ("node_modules/a/README.md", "Hidden"),
    ]);
    let run = import_folder(&app, folder.path());
    assert_eq!(
        run.out, "created 2, updated 0, unchanged 0, refused 1\n",
        "{}",
        run.told
    );
    assert_eq!(run.status, 3);
    for told in [
        "_index.md: it is the page of a list",
        "broken.md:",
        "1 .jpg",
    ] {
        assert!(run.told.contains(told), "{told} in {}", run.told);
    }
    let article = app.get("/v1/articles/harbour").ok().json();
    assert_eq!(article["title"], "The harbour");
    assert_eq!(article["published_at"], "2024-05-01T08:00:00.000Z");
    assert_eq!(article["category"]["name"], "City");
    assert_eq!(article["tags"][0]["name"], "Sea");
    let html = article["body"]["html"].as_str().unwrap();
    assert!(html.contains("youtube.com/watch?v=abc"), "{html}");
    assert!(html.contains("{{&lt; youtube code &gt;}}"), "{html}");
    app.get("/v1/articles/bridge").problem(404);
    let again = import_folder(&app, folder.path());
    assert_eq!(
        again.out, "created 0, updated 0, unchanged 2, refused 1\n",
        "{}",
        again.told
    );
}

#[rstest]
fn a_folder_of_jekyll_goes_in(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let folder = folder(&[
        (
            "_posts/2024-05-01-first-post.md",
            "---\nlayout: post\ntitle: First post\ncategories: news world\n---\nSee [the second]({% post_url 2024-05-02-second-post %}).\n\n{% highlight ruby %}\nputs 1\n{% endhighlight %}\n",
        ),
        (
            "_posts/2024-05-02-second-post.markdown",
            "---\nlayout: post\ntitle: Second post\n---\n[Home]({{ site.baseurl }}/about/)\n",
        ),
        ("_drafts/later.md", "---\ntitle: Later\n---\nText\n"),
        ("about.md", "---\nlayout: page\ntitle: About\n---\nText\n"),
    ]);
    let run = import_folder(&app, folder.path());
    assert_eq!(
        run.out, "created 3, updated 0, unchanged 0, refused 0\n",
        "{}",
        run.told
    );
    assert!(run.told.contains("about.md: it is a page"), "{}", run.told);
    let article = app.get("/v1/articles/first-post").ok().json();
    assert_eq!(article["published_at"], "2024-05-01T00:00:00.000Z");
    assert_eq!(article["category"]["name"], "news");
    assert_eq!(article["tags"][0]["name"], "world");
    let html = article["body"]["html"].as_str().unwrap();
    assert!(
        html.contains("second-post") && html.contains("puts 1"),
        "{html}"
    );
    app.get("/v1/articles/later").problem(404);
}

#[rstest]
fn files_of_one_name_are_two_articles(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let folder = folder(&[
        (
            "a/intro.mdx",
            "---\ntitle: One\n---\nimport X from 'x'\n\nText <X/>\n",
        ),
        ("b/intro.md", "---\ntitle: Two\n---\nText\n"),
    ]);
    for _ in 0..2 {
        let run = import_folder(&app, folder.path());
        assert!(run.out.ends_with("refused 0\n"), "{}{}", run.out, run.told);
    }
    let mut slugs = app.slugs("/v1/articles");
    slugs.sort();
    assert_eq!(slugs, ["intro", "two"]);
}

#[test]
fn standard_input_is_one_file() {
    let app = App::start(Sqlite);
    let run = import(&app, "markdown", &[], "# A title\n\nText\n");
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 0\n",
        "{}",
        run.told
    );
    app.get("/v1/articles/a-title").ok();
}

#[rstest]
fn what_is_not_clearly_for_everyone_is_a_draft_or_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let drafts = [
        "draft: 1",
        "draft: y",
        "draft: maybe",
        "published: 0",
        "status: Draft",
        "status: private",
        "visibility: private",
        "password: sesame",
        "hidden: true",
        "isDraft: true",
        "unlisted: true",
    ];
    let mut files: Vec<(String, String)> = drafts
        .iter()
        .enumerate()
        .map(|(number, field)| {
            (
                format!("draft-{number}.md"),
                format!("---\ntitle: D{number}\n{field}\n---\nSecret"),
            )
        })
        .collect();
    files.push((
        "blank.md".to_owned(),
        "\n---\ntitle: Blank\ndraft: true\n---\nSecret".to_owned(),
    ));
    for (name, text) in [
        ("open.md", "---\ntitle: Open\ndraft: true\n\nSecret"),
        (
            "dashes.md",
            "----\ntitle: Dashes\ndraft: true\n----\nSecret",
        ),
        ("named.md", "---toml\ndraft = true\n---\nSecret"),
        (
            "twice.md",
            "---\ntitle: Twice\ndraft: true\ndraft: false\n---\nSecret",
        ),
    ] {
        files.push((name.to_owned(), text.to_owned()));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let run = import_folder(&app, folder(&files).path());
    assert_eq!(
        run.out, "created 12, updated 0, unchanged 0, refused 4\n",
        "{}",
        run.told
    );
    assert!(app.slugs("/v1/articles").is_empty());
    assert!(
        run.told
            .contains("is a draft here: it has the field password"),
        "{}",
        run.told
    );
}
