use ninja_testkit::Database;

use crate::person::{Ended, Person};

const PEPPER: &str = "p1:9mYxqS2cR0fJ3uVgKk8bHn5ZtLw7aPdEo4iTsMvXyQk=";

fn settings(url: &str) -> [(&str, &str); 5] {
    [
        ("NINJA_DATABASE__URL", url),
        ("NINJA_AUTH__JWT_KEYS", "k1:TCZmbcTfnKVnvCLGmOWlU8AR3A7bZPtCr2eD1v2Jk0E="),
        ("NINJA_AUTH__PEPPER", PEPPER),
        ("NINJA_AUTH__BCRYPT_COST", "4"),
        ("NINJA_AUTH__ADMIN_EMAIL", "root@example.org"),
    ]
}

fn password(ended: &Ended) -> String {
    let lines = ended.stdout.lines().filter_map(|line| line.strip_prefix("password: "));
    let printed: Vec<_> = lines.collect();
    assert_eq!(printed.len(), 1, "{}{}", ended.stdout, ended.stderr);
    assert!(!ended.stderr.contains(printed[0]), "printed once");
    printed[0].to_owned()
}

#[tokio::test]
async fn two_migrations_at_once_both_end_well_and_a_third_has_nothing_to_do() {
    let database = Database::empty().await;
    let only_this = [("NINJA_DATABASE__URL", database.url())];
    let ada = Person::new();
    let both = std::thread::scope(|scope| {
        let one = scope.spawn(|| ada.runs_with(&only_this, &["migrate"]));
        let two = scope.spawn(|| ada.runs_with(&only_this, &["migrate"]));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let applied =
        |ended: &Ended| ended.stdout.lines().filter(|line| line.starts_with("applied ")).count();
    assert_eq!(both.each_ref().map(|ended| ended.code), [0, 0], "{both:?}");
    assert_eq!(both.iter().filter(|ended| applied(ended) > 0).count(), 1, "{both:?}");
    let third = ada.runs_with(&only_this, &["migrate"]);
    assert_eq!(third.stdout, "The database is up to date.\n");
}

#[tokio::test]
async fn the_first_administrator_is_made_once_and_its_password_is_told_once() {
    let database = Database::fresh().await;
    let settings = settings(database.url());
    let ada = Person::new();
    let first = ada.runs_with(&settings, &["create-admin"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(password(&first).len() >= 22, "128 bits in letters and digits");
    let again = ada.runs_with(&settings, &["create-admin"]);
    assert_eq!((again.code, again.stdout.as_str()), (3, ""));
    let reset = ada.runs_with(&settings, &["create-admin", "--reset"]);
    assert_ne!(password(&reset), password(&first));
    let rows = database.client().await;
    let rows = rows.query("SELECT email, role, password_hash FROM users", &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<_, &str>(0), "root@example.org");
    assert_eq!(rows[0].get::<_, &str>(1), "admin");
    assert!(rows[0].get::<_, &str>(2).starts_with("$n1$p1$$2b$04$"));
}

#[tokio::test]
async fn a_password_that_is_tried_first_is_refused() {
    let database = Database::fresh().await;
    let args = ["create-admin", "--password-stdin", "--email", "Grace@Example.org"];
    let ada = Person::new();
    let weak = ada.types("password1234\n", &settings(database.url()), &args);
    assert_eq!(weak.code, 2, "{weak:?}");
    let good = ada.types("violet-harbor-lantern-42\n", &settings(database.url()), &args);
    assert_eq!((good.code, good.stdout.as_str()), (0, "administrator: grace@example.org\n"));
}

#[test]
fn a_database_that_is_away_is_named_without_its_password() {
    let url = [("NINJA_DATABASE__URL", "postgres://ninja:canary@127.0.0.1:9/ninja")];
    let ended = Person::new().runs_with(&url, &["migrate"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("refused") && !ended.stderr.contains("canary"),
        "{}",
        ended.stderr
    );
}
