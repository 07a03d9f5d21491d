use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use ninja_testkit::TestApp;
use serde_json::{Value, json};

/// The key that testkit gives to the API.
const KEY: &str = "TCZmbcTfnKVnvCLGmOWlU8AR3A7bZPtCr2eD1v2Jk0E=";

fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn header() -> Header {
    Header { typ: Some("at+jwt".into()), kid: Some("k1".into()), ..Header::new(Algorithm::HS256) }
}

fn sign(header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_secret(&STANDARD.decode(KEY).unwrap())).unwrap()
}

fn with(claims: &Value, key: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[key] = value;
    claims
}

fn without(claims: &Value, key: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(key);
    claims
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let claims = claims_of(alice.token());
    let now = get_current_timestamp();
    let status = async |token: &str| {
        let answer = app.anonymous().with_token(token).get("/api/v1/auth/me").await;
        (answer.status, answer.json["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(
        status(&sign(&header(), &claims)).await.0,
        200,
        "what follows differs in one thing only"
    );
    assert_eq!(
        status(&sign(&header(), &with(&claims, "exp", json!(now - 2)))).await.0,
        200,
        "leeway"
    );
    let expired = sign(&header(), &with(&claims, "exp", json!(now - 7)));
    assert_eq!(status(&expired).await, (401, "token_expired".to_owned()));

    let mut forged: Vec<(String, String)> = Vec::new();
    for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"] {
        forged.push((format!("no {claim}"), sign(&header(), &without(&claims, claim))));
    }
    for (claim, value) in [
        ("iss", json!("evil")),
        ("aud", json!("other")),
        ("nbf", json!(now + 60)),
        ("role", json!("admin")),
        ("sub", json!("01990000-0000-7000-8000-000000000000")),
        ("sid", json!("01990000-0000-7000-8000-000000000000")),
    ] {
        forged.push((
            format!("{claim} = {value}"),
            sign(&header(), &with(&claims, claim, value.clone())),
        ));
    }
    for (name, header) in [
        ("typ JWT", Header { typ: Some("JWT".into()), ..header() }),
        ("no typ", Header { typ: None, ..header() }),
        ("no kid", Header { kid: None, ..header() }),
        ("kid path", Header { kid: Some("../../dev/null".into()), ..header() }),
        ("HS384", Header { alg: Algorithm::HS384, ..header() }),
    ] {
        forged.push((name.into(), sign(&header, &claims)));
    }
    let foreign = EncodingKey::from_secret(&[7; 32]);
    let jku = Header { jku: Some("https://evil.example.org/keys".into()), ..header() };
    forged.push(("another key".into(), encode(&header(), &claims, &foreign).unwrap()));
    forged.push(("jku".into(), encode(&jku, &claims, &foreign).unwrap()));
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#);
    let body = alice.token().split('.').nth(1).unwrap();
    forged.push(("none".into(), format!("{none}.{body}.")));
    let rs = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"at+jwt","kid":"k1"}"#);
    forged.push((
        "RS256".into(),
        format!("{rs}.{body}.{}", alice.token().split('.').nth(2).unwrap()),
    ));
    for (name, token) in &forged {
        let (status, code) = status(token).await;
        assert!(
            status == 401 && (code == "invalid_token" || code == "session_revoked"),
            "{name}: {status} {code}"
        );
    }
}

#[tokio::test]
async fn a_token_with_any_bit_flipped_is_refused() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let parts: Vec<Vec<u8>> =
        alice.token().split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let bits: usize = parts.iter().map(|part| part.len() * 8).sum();
    for flip in 0..100 {
        let mut at = flip * bits / 100;
        let mut flipped = parts.clone();
        for part in &mut flipped {
            if at < part.len() * 8 {
                part[at / 8] ^= 1 << (at % 8);
                break;
            }
            at -= part.len() * 8;
        }
        let token: Vec<String> = flipped.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        let answer = app.anonymous().with_token(&token.join(".")).get("/api/v1/auth/me").await;
        assert_eq!(answer.status, 401, "bit {flip}: {answer}");
    }
}
