use ninja_db::audit::{Act, Origin};
use ninja_db::providers::{self, Changed, NewProvider, ProviderChange, Said};
use ninja_db::sealed::{Opener, SealError, Sealer, rotate_batch};
use ninja_db::{AsyncPgConnection, DbError, connect_one};
use ninja_testkit::Database;
use ninja_types::{ProviderId, ProviderKind, UserId};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::world::options;

const ONE: [u8; 32] = [1; 32];
const TWO: [u8; 32] = [2; 32];

async fn world() -> (Database, AsyncPgConnection) {
    let database = Database::fresh().await;
    let conn = connect_one(&options(&database, 1)).await.expect("a connection");
    (database, conn)
}

fn act() -> Act {
    Act { actor: None, ..Act::done(UserId::new(), "provider.create", Origin::default()) }
}

fn sealer() -> Sealer {
    Sealer::new([("m1", &ONE[..])])
}

fn new(name: &str, key: Option<&str>) -> NewProvider {
    NewProvider {
        id: ProviderId::new(),
        kind: ProviderKind::Compatible,
        name: name.to_owned(),
        base_url: "http://10.0.0.8:8000/v1/".to_owned(),
        key: key.map(Into::into),
        models: json!([]),
        limits: json!({}),
        self_hosted: false,
        priority: 100,
        enabled: true,
    }
}

#[tokio::test]
async fn two_swapped_ciphertexts_open_in_neither_row() {
    let (database, mut conn) = world().await;
    for name in ["a", "b"] {
        let new = new(name, Some(&format!("sk-canary-{name}-0123456789")));
        providers::create(&mut conn, &new, &sealer(), &act()).await.expect("created");
    }
    let opener = Opener::new([("m1", &ONE[..])]);
    for row in providers::list(&mut conn).await.expect("listed") {
        let key = row.open_key(&opener).expect("opened").expect("it has one");
        assert_eq!(key.expose_secret(), format!("sk-canary-{}-0123456789", row.name));
        assert_eq!(row.key_last4.as_deref(), Some("6789"));
    }
    let swap = "UPDATE provider_settings p SET key_sealed = o.key_sealed FROM provider_settings o WHERE o.name <> p.name";
    database.client().await.batch_execute(swap).await.expect("swapped");
    for row in providers::list(&mut conn).await.expect("listed") {
        assert_eq!(row.open_key(&opener).err(), Some(SealError::Broken), "{}", row.name);
    }
}

#[tokio::test]
async fn another_base_url_clears_the_key_unless_it_comes_with_one() {
    let (_database, mut conn) = world().await;
    let new = new("a", Some("sk-0123456789ab"));
    providers::create(&mut conn, &new, &sealer(), &act()).await.expect("created");
    let mut change = ProviderChange { enabled: Some(false), ..ProviderChange::default() };
    let mut steps = Vec::new();
    let urls = [None, Some("http://10.0.0.8:8000/v1/"), Some("http://10.0.0.9/v1/")];
    for (url, key) in urls.into_iter().map(|url| (url, None)).chain([
        (None, Some(Some("sk-anew-0123456".into()))),
        (Some("http://10.0.0.7/v1/"), Some(Some("sk-more-0123457".into()))),
        (None, Some(None)),
    ]) {
        change.base_url = url.map(str::to_owned);
        change.key = key;
        let changed = providers::change(&mut conn, new.id, &change, &sealer(), &act()).await;
        let Changed::Done(row) = changed.expect("changed") else { panic!("it is there") };
        steps.push((row.has_key(), row.key_last4));
    }
    let end = |text: &str| Some(text.to_owned());
    let wanted = [
        (true, end("89ab")),
        (true, end("89ab")),
        (false, None),
        (true, end("3456")),
        (true, end("3457")),
        (false, None),
    ];
    assert_eq!(steps, wanted);
}

#[tokio::test]
async fn without_a_master_key_a_provider_without_a_key_is_stored_and_one_with_a_key_is_not() {
    let (_database, mut conn) = world().await;
    let none = Sealer::default();
    let refused = providers::create(&mut conn, &new("a", Some("sk-1")), &none, &act()).await;
    assert!(matches!(refused, Err(DbError::Sealed(SealError::NoMasterKey))), "{refused:?}");
    providers::create(&mut conn, &new("a", None), &none, &act()).await.expect("created");
    none.check(&mut conn).await.expect("nothing is refused");
}

#[tokio::test]
async fn a_key_under_a_known_id_that_is_another_is_refused_and_so_is_a_missing_one() {
    let (_database, mut conn) = world().await;
    sealer().check(&mut conn).await.expect("new");
    sealer().check(&mut conn).await.expect("known");
    let other = Sealer::new([("m1", &TWO[..])]);
    let refused = other.check(&mut conn).await;
    assert!(matches!(refused, Err(DbError::Sealed(SealError::WrongKey(id))) if id == "m1"));
    let stored = providers::create(&mut conn, &new("a", Some("sk-1")), &other, &act()).await;
    assert!(matches!(stored, Err(DbError::Sealed(SealError::WrongKey(_)))), "{stored:?}");
    providers::create(&mut conn, &new("a", Some("sk-1")), &sealer(), &act()).await.expect("made");
    let missing = Opener::new([("m2", &TWO[..])]).check(&mut conn).await;
    assert!(matches!(missing, Err(DbError::Sealed(SealError::UnknownKey(id))) if id == "m1"));
}

#[tokio::test]
async fn a_rotation_goes_on_where_it_stopped_and_every_key_opens_all_the_while() {
    let (_database, mut conn) = world().await;
    for n in 0..100 {
        let new = new(&format!("p{n}"), Some(&format!("sk-canary-{n}")));
        providers::create(&mut conn, &new, &sealer(), &act()).await.expect("created");
    }
    let both = Opener::new([("m2", &TWO[..]), ("m1", &ONE[..])]);
    both.check(&mut conn).await.expect("both are good");
    let mut lefts = Vec::new();
    loop {
        let rotated = rotate_batch(&mut conn, &both, 30).await.expect("rotated");
        for row in providers::list(&mut conn).await.expect("listed") {
            let key = row.open_key(&both).expect("opens").expect("it has one");
            assert_eq!(key.expose_secret(), format!("sk-canary-{}", &row.name[1..]));
        }
        lefts.push(rotated.left);
        if rotated.left == 0 {
            break;
        }
    }
    assert_eq!(lefts, [70, 40, 10, 0]);
    assert_eq!(rotate_batch(&mut conn, &both, 30).await.expect("nothing to do").sealed, 0);
    Opener::new([("m2", &TWO[..])]).check(&mut conn).await.expect("the former key may go");
}

#[tokio::test]
async fn what_workers_say_never_touches_the_row_of_an_admin_and_a_found_server_makes_room() {
    let (database, mut conn) = world().await;
    let said = |url: &str, found| Said {
        id: ProviderId::of_name("ollama"),
        kind: ProviderKind::Ollama,
        name: "ollama".to_owned(),
        base_url: url.to_owned(),
        key_last4: None,
        models: json!([]),
        self_hosted: true,
        found,
    };
    let say = async |conn: &mut AsyncPgConnection, url: &str, found| {
        let new = providers::say(conn, &[said(url, found)]).await.expect("said");
        let rows = providers::list(conn).await.expect("listed");
        assert_eq!(rows.len(), 1);
        (new, rows[0].source.clone(), rows[0].base_url.clone())
    };
    let told = |new, source: &str, url: &str| (new, source.to_owned(), url.to_owned());
    assert_eq!(say(&mut conn, "http://a/", true).await, told(true, "discovered", "http://a/"));
    assert_eq!(say(&mut conn, "http://a/", true).await, told(false, "discovered", "http://a/"));
    assert_eq!(say(&mut conn, "http://b/", false).await, told(true, "config", "http://b/"));
    assert_eq!(say(&mut conn, "http://a/", true).await, told(false, "config", "http://b/"));
    let id = ProviderId::of_name("ollama");
    let nothing = ProviderChange::default();
    let refused = providers::change(&mut conn, id, &nothing, &sealer(), &act()).await;
    assert!(matches!(refused, Ok(Changed::ReadOnly)));
    let aged = "UPDATE provider_settings SET seen_at = now() - interval '1 hour'";
    database.client().await.batch_execute(aged).await.expect("aged");
    assert!(
        providers::list(&mut conn).await.expect("listed").is_empty(),
        "nobody says so any more"
    );
    let mine = NewProvider { kind: ProviderKind::Ollama, ..new("ollama", None) };
    providers::create(&mut conn, &mine, &sealer(), &act()).await.expect("it makes room");
    let now = say(&mut conn, "http://c/", false).await;
    assert_eq!(now, told(false, "database", "http://10.0.0.8:8000/v1/"));
}
