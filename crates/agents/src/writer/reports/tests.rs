use std::path::Path;

use ninja_testkit::report_numbers;
use serde_json::json;

use super::compose::{Report, compose};
use super::pictures::Pictures;
use super::*;

/// An answer as a program wrote it; `hostile*.json` and those of programs that need many rows are by hand.
fn envelope(name: &str) -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/envelopes/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("the envelope")).expect("JSON")
}

fn all() -> Vec<(&'static str, Value)> {
    ["clean", "explore", "describe", "test", "trend", "compare", "chart"]
        .map(|name| (name, envelope(name)))
        .into()
}

fn args(data: impl IntoIterator<Item = (&'static str, Value)>) -> ReportsArgs {
    let data = data.into_iter().map(|(key, answer)| (key.to_owned(), answer)).collect();
    let report_format = ReportFormat::Markdown;
    ReportsArgs {
        title: "Penguins".into(),
        question: None,
        data,
        sections: None,
        not_done: vec![],
        report_format,
    }
}

fn picture() -> Pictures {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>ä</text></svg>".as_bytes().to_vec();
    Pictures::from([(("chart".to_owned(), "charts/bar.svg".to_owned()), svg)])
}

fn texts(report: &Report) -> [String; 3] {
    report.files.each_ref().map(|(_, bytes)| String::from_utf8(bytes.clone()).expect("UTF-8"))
}

/// What must hold of every report, whatever stands in the data.
fn check(args: ReportsArgs) -> [String; 3] {
    let report = compose(args, &picture());
    assert_eq!(report.output.grounding.unsupported, Vec::<String>::new());
    let [markdown, html, results] = texts(&report);
    let numbers = serde_json::from_str(&results).expect("results.json is JSON");
    assert_eq!(
        report_numbers::unsupported(&markdown, &numbers),
        Vec::<String>::new(),
        "{markdown}"
    );
    assert_eq!(report_numbers::unsupported(&html, &numbers), Vec::<String>::new());
    well_formed(&html);
    [markdown, html, results]
}

/// Every tag is one of ours and is closed; so nothing of the data became markup.
fn well_formed(html: &str) {
    let body = html.split_once("</head>").expect("a head").1;
    let mut open: Vec<&str> = vec!["html"];
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.split(' ').next().expect("a tag has a name");
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
            None if name == "img" => assert!(tag.contains(" src=\"data:image/svg+xml,"), "{tag}"),
            None => {
                assert!(TAGS.contains(&name), "{tag}");
                open.push(name);
            }
        }
        for attribute in tag.split('"').step_by(2).skip(1).filter(|rest| !rest.is_empty()) {
            assert!(ATTRIBUTES.contains(&attribute.trim()), "{attribute} in {tag}");
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

const TAGS: &[&str] = &[
    "a",
    "bdi",
    "body",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "section",
    "span",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
const ATTRIBUTES: &[&str] = &[
    "aria-label=",
    "aria-labelledby=",
    "class=",
    "href=",
    "id=",
    "role=",
    "scope=",
    "src=",
    "tabindex=",
];

#[test]
fn a_report_of_everything_reads_like_this() {
    let question = Some("Do the species differ?".to_owned());
    let [markdown, _, results] = check(ReportsArgs { question, ..args(all()) });
    insta::assert_snapshot!("report.md", markdown);
    let again = texts(&compose(
        ReportsArgs { question: Some("Do the species differ?".to_owned()), ..args(all()) },
        &picture(),
    ));
    assert_eq!([&markdown, &results], [&again[0], &again[2]], "two identical runs differ");
    assert!(!results.contains("artifact_id"));
}

#[test]
fn what_is_missing_comes_first() {
    let missing =
        NotDone { what: "trend".into(), code: "no_model".into(), text: "Needs a model.".into() };
    let args = ReportsArgs {
        not_done: vec![missing],
        ..args([("explore", envelope("explore")), ("chart", Value::Null)])
    };
    let report = compose(args, &Pictures::new());
    insta::assert_snapshot!(report.output.summary[0], @"Not everything that was asked is here: trend. Needs a model.");
    insta::assert_json_snapshot!(report.output.not_done, @r#"
    [
      {
        "what": "trend",
        "code": "no_model",
        "text": "Needs a model."
      },
      {
        "what": "chart",
        "code": "step_not_completed",
        "text": "This step did not complete; the task's steps say why."
      }
    ]
    "#);
    assert_eq!(report.output.outline[..2], ["Summary", "What was not done"]);
}

#[test]
fn names_from_the_data_are_inert() {
    let hostile = [("hostile", envelope("hostile")), ("hostile_test", envelope("hostile_test"))];
    let [markdown, html, _] = check(args(hostile));
    for needle in ["<script", "onload=\"", "<!--", "href=\"javascript", "etc/passwd", "\u{202e}"] {
        assert!(!html.contains(needle), "{needle}");
    }
    let mut signs = markdown.chars();
    let mut bare = String::new(); // without what is escaped
    while let Some(sign) = signs.next() {
        if sign == '\\' {
            signs.next();
        } else {
            bare.push(sign);
        }
    }
    for needle in ['<', '`', '[', '&', '!', '\u{202e}'] {
        assert!(!bare.contains(needle), "{needle}");
    }
    for needle in ["\n# f", " www.", "://", "\n--- 7", "- - ", "- 1. one"] {
        assert!(!bare.contains(needle), "{needle}");
    }
    assert!(html.contains("<bdi class=\"name\">&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"));
    let mut width = 0;
    for line in bare.lines() {
        let cells = line.matches('|').count();
        assert!(cells == 0 || width == 0 || cells == width, "{line}");
        width = cells;
    }
}

#[test]
fn the_page_needs_nothing_from_outside_and_runs_nothing() {
    let [_, html, _] = check(args(all()));
    assert!(
        html.contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    );
    for needle in ["<script", "<link", "@import", "url(", "http://", "https://", "<iframe"] {
        let lost =
            html.replace("data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22", "");
        assert!(!lost.contains(needle), "{needle}");
    }
    for needle in [
        "<html lang=\"en\">",
        "prefers-color-scheme: dark",
        "@media print",
        "scope=\"row\"",
        "<caption",
        "Skip to content",
    ] {
        assert!(html.contains(needle), "{needle}");
    }
    assert!(html.contains(
        "alt=\"Bar chart of the number of rows by species, 3 bars. All have the same value, 8.\""
    ));
    assert!(html.contains("href=\"charts/bar.png\""));
}

#[test]
fn a_number_typed_by_hand_breaks_the_contract() {
    let mut chart = envelope("chart");
    chart["charts"][0]["alt_refs"] = json!("About 12 bars, {{n::/result/nowhere|int}} in all.");
    let report = compose(args([("chart", chart)]), &Pictures::new());
    insta::assert_json_snapshot!(report.output.grounding.unsupported, @r#"
    [
      "About 12 bars, ",
      "{{n:chart:/result/nowhere|int}}"
    ]
    "#);
    let [markdown, _, results] = texts(&report);
    let planted =
        report_numbers::unsupported(&markdown, &serde_json::from_str(&results).expect("JSON"));
    assert_eq!(planted, ["12"]);
}

#[test]
fn long_tables_are_cut_and_say_where_the_rest_is() {
    let mut describe = envelope("describe");
    let group = describe["result"]["groups"][0].clone();
    describe["result"]["groups"] = (0..50)
        .map(|i| {
            let mut one = group.clone();
            one["value"] = json!(format!("g{i}"));
            one
        })
        .collect();
    let [markdown, ..] = check(args([("describe", describe)]));
    assert!(
        markdown.contains("The table shows the first 20 of 50; the others stand in results.json."),
        "{markdown}"
    );
    assert!(markdown.contains("| g19 |") && !markdown.contains("| g20 |"));
}

#[test]
fn charts_of_one_name_from_two_steps_lead_to_the_files_of_their_step() {
    let mut pictures = picture();
    let (_, svg) = pictures.first_key_value().map(|(k, v)| (k.clone(), v.clone())).expect("one");
    pictures.insert(("explore".to_owned(), "charts/bar.svg".to_owned()), svg);
    let both = args([("chart", envelope("chart")), ("explore", envelope("chart"))]);
    let [markdown, html, _] = texts(&compose(both, &pictures));
    for file in ["chart/charts/bar.png", "explore/charts/bar.csv"] {
        assert!(
            html.contains(&format!("href=\"{file}\"")) && markdown.contains(&format!("]({file})"))
        );
    }
    assert_eq!(html.matches("<img ").count(), 2);
}

#[test]
fn several_tables_get_a_chapter_each() {
    let second = envelope("describe");
    let [markdown, ..] = check(args([
        ("describe", envelope("describe")),
        ("clean_2", envelope("clean")),
        ("describe_2", second),
    ]));
    assert!(
        markdown.contains("\n## Further table: **penguins.csv**\n")
            && markdown.contains("\n### Cleaning\n")
    );
}

#[test]
fn sections_can_be_chosen() {
    let report = compose(
        ReportsArgs { sections: Some(vec![Section::Tests]), ..args(all()) },
        &Pictures::new(),
    );
    assert_eq!(report.output.outline, ["Statistical tests"]);
}

/// Leaves of `value` that `pick` chooses by their number become `to`.
fn replaced(value: &Value, to: &Value, pick: &mut dyn FnMut() -> bool) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| replaced(item, to, pick)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, item)| (name.clone(), replaced(item, to, pick))).collect()
        }
        leaf => if pick() { to } else { leaf }.clone(),
    }
}

#[test]
fn any_answer_full_of_holes_still_makes_a_report() {
    let method = |name: &str| envelope(name)["method"].clone();
    for (name, whole) in all() {
        for to in [Value::Null, json!([]), json!({}), json!(true), json!(1e300), json!("7 wörds")]
        {
            for every in [1, 2, 3, 7] {
                let mut count = 0;
                let mut pick = || {
                    count += 1;
                    count % every == 0
                };
                let mut holes = replaced(&whole, &to, &mut pick);
                holes["method"] = method(name);
                check_loosely(args([(name, holes)]));
            }
        }
        let alone = json!({ "method": method(name) });
        check_loosely(args([(name, alone)]));
    }
    for odd in [json!([]), json!(3), json!("x"), json!({})] {
        check_loosely(args([("a", odd)]));
    }
}

/// As [`check`], where texts of programs may hold digits that stand nowhere else.
fn check_loosely(args: ReportsArgs) {
    let report = compose(args, &Pictures::new());
    let lost: Vec<_> = report
        .output
        .grounding
        .unsupported
        .iter()
        .filter(|text| text.starts_with("{{n:"))
        .collect();
    assert!(lost.iter().all(|text| text.contains("/result/charts/")), "{lost:?}");
    let [markdown, html, _] = texts(&report);
    assert!(markdown.starts_with("# Penguins"));
    well_formed(&html);
}
