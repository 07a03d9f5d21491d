use diesel::sql_types::{Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ProviderId, ProviderKind};
use serde_json::Value;

use crate::DbResult;

/// A provider that a worker was given by its configuration, or found.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Made from the name.
    pub id: ProviderId,
    /// Its wire format.
    pub kind: ProviderKind,
    /// As `provider/model` names it.
    pub name: String,
    /// With a slash at the end.
    pub base_url: String,
    /// The end of its key.
    pub key_last4: Option<String>,
    /// What is known of its models.
    pub models: Value,
    /// Its calls cost nothing.
    pub self_hosted: bool,
    /// It was found, and not configured.
    pub found: bool,
}

/// Writes down what a worker has, so that everybody sees it; worth something for three minutes. An admin's row of the
/// same name stays as it is, and one that is configured is not made one that was found. Answers whether anything is new.
pub async fn say(conn: &mut AsyncPgConnection, said: &[Said]) -> DbResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct News {
        #[diesel(sql_type = Bool)]
        new: bool,
    }
    let mut any = false;
    for one in said {
        let news: Vec<News> = diesel::sql_query(
            "INSERT INTO provider_settings AS p (id, kind, name, base_url, key_last4, models, self_hosted, source, seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())
             ON CONFLICT (name) DO UPDATE SET id = EXCLUDED.id, kind = EXCLUDED.kind, base_url = EXCLUDED.base_url,
                    key_last4 = EXCLUDED.key_last4, models = EXCLUDED.models, self_hosted = EXCLUDED.self_hosted,
                    source = EXCLUDED.source, seen_at = now(),
                    updated_at = CASE WHEN (p.base_url, p.key_last4, p.models, p.source) IS DISTINCT FROM
                                           (EXCLUDED.base_url, EXCLUDED.key_last4, EXCLUDED.models, EXCLUDED.source)
                                      THEN now() ELSE p.updated_at END
              WHERE p.source <> 'database'
                AND (p.source = 'discovered' OR EXCLUDED.source = 'config' OR p.seen_at < now() - interval '3 minutes')
             RETURNING (updated_at = now()) AS new",
        )
        .bind::<SqlUuid, _>(one.id.0)
        .bind::<Text, _>(one.kind.as_str())
        .bind::<Text, _>(&one.name)
        .bind::<Text, _>(&one.base_url)
        .bind::<Nullable<Text>, _>(&one.key_last4)
        .bind::<Jsonb, _>(&one.models)
        .bind::<Bool, _>(one.self_hosted)
        .bind::<Text, _>(if one.found { "discovered" } else { "config" })
        .load(conn)
        .await?;
        any |= news.iter().any(|row| row.new);
    }
    Ok(any)
}
