use std::time::Duration;

use ninja_testkit::{FaultProxy, Redis};

const SOON: Duration = Duration::from_millis(300);

async fn connect(url: &str) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(SOON * 10));
    redis::Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await
}

async fn ping(connection: &mut redis::aio::MultiplexedConnection) -> redis::RedisResult<()> {
    redis::cmd("PING").exec_async(connection).await
}

#[tokio::test]
async fn a_cut_ends_connections_and_serves_new_ones() {
    let engine = Redis::start();
    let proxy = FaultProxy::before_redis(&engine.url());
    let url = proxy.url(&engine.url());
    let mut connection = connect(&url).await.unwrap();
    ping(&mut connection).await.unwrap();
    proxy.cut();
    assert!(ping(&mut connection).await.is_err());
    ping(&mut connect(&url).await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn refused_connections_are_served_again_after_healing() {
    let engine = Redis::start();
    let proxy = FaultProxy::before(&engine.url());
    let url = proxy.url(&engine.url());
    let mut connection = connect(&url).await.unwrap();
    proxy.refuse();
    assert!(ping(&mut connection).await.is_err());
    let refused = ninja_testkit::until(Duration::from_secs(5), || {
        let address = url.strip_prefix("redis://")?.trim_end_matches('/').to_owned();
        std::net::TcpStream::connect(address).is_err().then_some(())
    });
    refused.await.unwrap();
    proxy.heal();
    let healed = async {
        while connect(&url).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), healed).await.unwrap();
}

#[tokio::test]
async fn a_black_hole_answers_when_it_is_healed() {
    let engine = Redis::start();
    let proxy = FaultProxy::before(&engine.url());
    let mut connection = connect(&proxy.url(&engine.url())).await.unwrap();
    proxy.blackhole();
    let mut answer = std::pin::pin!(ping(&mut connection));
    assert!(tokio::time::timeout(SOON, &mut answer).await.is_err());
    proxy.heal();
    answer.await.unwrap();
}

#[tokio::test]
async fn a_delay_holds_every_answer_back() {
    let engine = Redis::start();
    let proxy = FaultProxy::before(&engine.url());
    let mut connection = connect(&proxy.url(&engine.url())).await.unwrap();
    proxy.delay(SOON);
    let began = std::time::Instant::now();
    ping(&mut connection).await.unwrap();
    assert!(began.elapsed() >= SOON);
}
