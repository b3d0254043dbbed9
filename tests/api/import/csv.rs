//! `newsstand import csv`

use rstest::rstest;

use crate::{
    import::import,
    support::{App, Kind, Postgres, Sqlite},
};

const TABLE: &str = "\u{FEFF}article_id,publish_date,title,subtitle,text\n\
    1,2017/2/7,First,A dek,\"One \u{FFFD}\"\"?two.\n\nThree.\"\n\
    2,2017/2/7,First,,Same title.\n\
    3, 2017/02/8 9:30,Third,,  Kept   as it is \n\
    4,2017/2/8,,No title,Text.\n\
    5,2017/2/8,No text,,\n\
    6,yesterday,Bad date,,Text.\n\
    7,2017/2/8,Short row\n";

#[rstest]
fn usable_rows_are_taken_and_others_named(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let run = import(&app, "csv", &[], TABLE);
    assert_eq!(
        (run.status, run.out.as_str()),
        (3, "created 3, updated 0, unchanged 0, refused 4\n"),
        "{}",
        run.told
    );
    for told in [
        "-:7: has no title",
        "-:8: has no text",
        "-:9: the date \"yesterday\" is not of the form %Y/%m/%d",
        "-:10: has 3 columns where the header has 5",
    ] {
        assert!(run.told.contains(told), "{told} in {}", run.told);
    }
    let first = app.get("/v1/articles/first?body=text").ok().json();
    assert_eq!(first["body"]["text"], "One \u{FFFD}\"?two.\n\nThree.");
    assert_eq!(first["summary"], "A dek");
    assert!(app.get("/v1/articles/first-2").ok().json()["summary"].is_null());
    let third = app.get("/v1/articles/third?body=text").ok().json();
    assert_eq!(third["body"]["text"], "  Kept   as it is ");
    assert_eq!(third["published_at"], "2017-02-08T09:30:00.000Z");
    let again = import(&app, "csv", &[], TABLE);
    assert_eq!(again.out, "created 0, updated 0, unchanged 3, refused 4\n");
}

#[rstest]
fn a_title_that_does_not_show_is_none(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let table = "article_id,publish_date,title,subtitle,text\n\
        1,2017/2/7,\u{200F}\u{202E},,Text.\n\
        2,2017/2/7,  Both ends\u{A0},,Text.\n";
    let run = import(&app, "csv", &[], table);
    assert_eq!(run.out, "created 1, updated 0, unchanged 0, refused 1\n");
    assert!(run.told.contains("-:2: has no title"), "{}", run.told);
    let article = app.get("/v1/articles/both-ends").ok().json();
    assert_eq!(article["title"], "Both ends");
}

#[rstest]
fn columns_can_be_mapped(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let flags = [
        "--map",
        "title=headline,text=body,tags=topics,published_at=day",
        "--date-format",
        "%d.%m.%Y",
        "--category",
        "Wire",
        "--author",
        "Staff",
    ];
    let run = import(
        &app,
        "csv",
        &flags,
        "headline;x,day,body,topics\nHello,24.12.2025,Text,Sea; Land\n",
    );
    assert_eq!(run.status, 1, "{}", run.told);
    assert!(
        run.told.contains(
            "there is no column \"headline\" for title; there are headline;x, day, body, topics"
        ),
        "{}",
        run.told
    );
    let run = import(
        &app,
        "csv",
        &flags,
        "headline,day,body,topics\nHello,24.12.2025,Text,Sea; Land\n",
    );
    assert_eq!(run.status, 0, "{}", run.told);
    let article = app.get("/v1/articles/hello").ok().json();
    assert_eq!(article["category"]["name"], "Wire");
    assert_eq!(article["authors"][0]["name"], "Staff");
    assert_eq!(article["tags"][1]["name"], "Land");
    assert_eq!(article["published_at"], "2025-12-24T00:00:00.000Z");
    for (map, told) in [
        ("title=t", "\"text\" must be mapped"),
        ("title=t,text=x,sumary=s", "did you mean \"summary\"?"),
        ("title", "not of the form"),
        ("title=a,title=b,text=c", "mapped twice"),
    ] {
        let run = import(&app, "csv", &["--map", map], "");
        assert!(
            run.status == 1 && run.told.contains(told),
            "{map}: {}",
            run.told
        );
    }
}

#[rstest]
fn a_dry_run_changes_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let run = import(&app, "csv", &["--dry-run"], TABLE);
    assert_eq!(
        (run.status, run.out.as_str()),
        (3, "created 3, updated 0, unchanged 0, refused 4\n")
    );
    assert!(app.slugs("/v1/articles").is_empty());
    assert!(
        app.get("/v1/changes").ok().json()["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[rstest]
fn what_no_article_may_have_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let map = "title=title,text=text,language=lang,canonical_url=address,tags=tags,author=by";
    let many = vec!["tag"; 51].join(";");
    let most: Vec<String> = (0..50).map(|number| format!("Tag {number}")).collect();
    let table = format!(
        "title,text,lang,address,tags,by\n\
         Good,Text., en-GB ,https://example.com/a,{},One;Other\n\
         Bad language,Text.,not a language!!,,,\n\
         Bad address,Text.,,javascript:alert(1),,\n\
         Many tags,Text.,,,{many},\n\
         Many authors,Text.,,,,{many}\n\
         Long name,Text.,,,{},\n",
        most.join("; "),
        "x".repeat(201),
    );
    let run = import(&app, "csv", &["--map", map], &table);
    assert_eq!(run.out, "created 1, updated 0, unchanged 0, refused 5\n");
    for told in [
        "-:3: \"not a language!!\" is no BCP 47 tag",
        "-:4: the canonical_url is no absolute http or https URL",
        "-:5: there are more than 50 names for tags",
        "-:6: there are more than 50 names for author",
        "-:7: one of the names for tags has more than 200 characters",
    ] {
        assert!(run.told.contains(told), "{told} in {}", run.told);
    }
    let good = app.get("/v1/articles/good").ok().json();
    assert_eq!(good["language"], "en-GB");
    assert_eq!(good["tags"].as_array().unwrap().len(), 50);
}
