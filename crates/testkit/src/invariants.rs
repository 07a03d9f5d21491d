use crate::Database;

const STATEMENTS: &str = include_str!("invariants.sql");

impl Database {
    /// Fails if the database holds anything that can never be. True at every moment, not only at rest.
    pub async fn invariants(&self) {
        let client = self.client().await;
        let mut broken = Vec::new();
        for (name, statement) in statements() {
            let rows = client.query(statement, &[]).await;
            let rows = rows.unwrap_or_else(|error| panic!("{name}: {error}"));
            if !rows.is_empty() {
                broken.push(format!("{name}: {} rows", rows.len()));
            }
        }
        assert!(broken.is_empty(), "{}\n{}", broken.join("\n"), self.state().await);
    }
}

/// Each statement with the comment above it; the file's own comment stands alone.
fn statements() -> impl Iterator<Item = (&'static str, &'static str)> {
    STATEMENTS.split("\n\n").filter_map(|block| {
        let (name, statement) = block.strip_prefix("-- ")?.split_once('\n')?;
        Some((name, statement))
    })
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn every_statement_of_the_file_is_found() {
        assert_eq!(statements().count(), super::STATEMENTS.matches(';').count());
        assert!(statements().all(|(name, sql)| !name.is_empty() && sql.starts_with("SELECT")));
    }
}
