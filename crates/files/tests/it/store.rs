use std::io::{Seek, Write};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;
use ninja_files::{FilesError, Reading, Store};

use crate::{config, on_disk, store};

/// `printf hello | sha256sum`
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

async fn bytes(reading: Reading) -> Vec<u8> {
    reading
        .stream
        .try_fold(Vec::new(), |all, bytes| async move { Ok([&all[..], &bytes].concat()) })
        .await
        .unwrap()
}

#[tokio::test]
async fn bytes_are_kept_once_under_their_hash_and_come_back() {
    let (folder, store) = store().await;
    let stored = store.put_bytes(Bytes::from_static(b"hello"), "a.txt").await.unwrap();
    let again = store.put_bytes(Bytes::from_static(b"hello"), "b.csv").await.unwrap();
    assert_eq!((stored.sha256.to_string().as_str(), stored.size), (HELLO, 5));
    assert_eq!((stored.content_type, again.content_type), ("text/plain", "text/csv"));
    assert_eq!(on_disk(&folder), [format!("objects/2c/{HELLO}")]);
    let whole = store.read(&stored.sha256, None).await.unwrap();
    assert_eq!((whole.size, bytes(whole).await), (5, b"hello".to_vec()));
    let part = store.read(&stored.sha256, Some(1..3)).await.unwrap();
    assert_eq!((part.size, part.range.clone(), bytes(part).await), (5, 1..3, b"el".to_vec()));
    let long = store.read(&stored.sha256, Some(4..999)).await.unwrap();
    assert_eq!((long.range.clone(), bytes(long).await), (4..5, b"o".to_vec()));
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let (folder, store) = store().await;
    let stored = store.put_bytes(Bytes::new(), "empty.csv").await.unwrap();
    let reading = store.read(&stored.sha256, None).await.unwrap();
    assert_eq!((reading.size, bytes(reading).await.len()), (0, 0));
    let copy = folder.path().join("copy");
    assert_eq!(store.copy_to(&stored.sha256, &copy).await.unwrap(), 0);
    assert!(copy.exists());
}

#[tokio::test]
async fn nothing_of_a_file_is_left_when_its_sender_goes_away() {
    let (folder, store) = store().await;
    let mut staging = store.stage(u64::MAX).await.unwrap();
    for _ in 0..3 {
        staging.write(Bytes::from(vec![b'a'; 1_000_000])).await.unwrap();
    }
    assert_eq!(on_disk(&folder).len(), 1);
    drop(staging);
    assert!(on_disk(&folder).is_empty());
    let mut staging = store.stage(u64::MAX).await.unwrap();
    staging.write(Bytes::from_static(b"refused by whoever looks at it")).await.unwrap();
    drop(staging.finish().await.unwrap());
    assert!(on_disk(&folder).is_empty());
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_at_the_byte_that_is_too_much() {
    let (folder, store) = store().await;
    let mut staging = store.stage(5).await.unwrap();
    staging.write(Bytes::from_static(b"hello")).await.unwrap();
    let refused = staging.write(Bytes::from_static(b"!")).await;
    assert!(matches!(refused, Err(FilesError::TooLarge { max_bytes: 5 })));
    drop(staging);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"hello!").unwrap();
    file.rewind().unwrap();
    let refused = store.put_file(file.try_clone().unwrap(), "a.txt", 5).await;
    assert!(matches!(refused, Err(FilesError::TooLarge { max_bytes: 5 })));
    assert!(on_disk(&folder).is_empty());
    file.rewind().unwrap();
    assert_eq!(store.put_file(file, "a.txt", 6).await.unwrap().size, 6);
}

#[tokio::test]
async fn bytes_that_are_not_there_are_missing_and_not_a_broken_store() {
    let (folder, store) = store().await;
    let sha256 = HELLO.parse().unwrap();
    assert!(
        matches!(store.read(&sha256, None).await, Err(FilesError::Missing(missing)) if missing == sha256)
    );
    store.ready().await.unwrap();
    std::fs::remove_dir_all(folder.path().join("objects")).unwrap();
    assert!(matches!(store.ready().await, Err(FilesError::Unavailable(_))));
}

#[tokio::test]
async fn what_a_dead_process_left_goes_at_the_next_start_and_what_is_under_way_stays() {
    let (folder, store) = store().await;
    let staging = store.stage(10).await.unwrap();
    let old = std::fs::File::create(folder.path().join("staging/dead")).unwrap();
    old.set_modified(SystemTime::now() - Duration::from_hours(25)).unwrap();
    Store::open(&config(&folder)).await.unwrap();
    assert_eq!(on_disk(&folder).len(), 1);
    drop(staging);
    assert!(on_disk(&folder).is_empty());
}

#[tokio::test]
async fn bytes_that_nobody_names_are_collected_once_they_are_old() {
    let (folder, store) = store().await;
    let put = |text: &'static [u8]| store.put_bytes(Bytes::from_static(text), "a.txt");
    let (named, orphan, young) =
        (put(b"named").await.unwrap(), put(b"orphan").await.unwrap(), put(b"young").await.unwrap());
    std::fs::write(folder.path().join("objects/README"), "not ours").unwrap();
    let yesterday = SystemTime::now() - Duration::from_hours(25);
    for stored in [named, orphan] {
        let hex = stored.sha256.to_string();
        let path = folder.path().join("objects").join(&hex[..2]).join(&hex);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(yesterday).unwrap();
    }
    let day = Duration::from_hours(24);
    let old = async || {
        let mut old: Vec<_> = store.old(day).try_concat().await.unwrap();
        old.sort_unstable();
        old
    };
    let mut both = vec![named.sha256, orphan.sha256];
    both.sort_unstable();
    assert_eq!(old().await, both);
    assert!(store.remove_old(&orphan.sha256, day).await.unwrap());
    assert!(!store.remove_old(&orphan.sha256, day).await.unwrap(), "it is gone already");
    assert!(!store.remove_old(&young.sha256, day).await.unwrap(), "it is too young");
    assert_eq!(old().await, [named.sha256]);
    assert!(matches!(store.size(&orphan.sha256).await, Err(FilesError::Missing(_))));
    for kept in [named, young] {
        store.size(&kept.sha256).await.unwrap();
    }
    // What comes again is young again, although it was there.
    put(b"named").await.unwrap();
    assert_eq!(old().await, []);
    assert!(!store.remove_old(&named.sha256, day).await.unwrap());
}
