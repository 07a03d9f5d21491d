use async_trait::async_trait;
use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stored::{failed, key};
use crate::{MadeFile, Tool, ToolContext, ToolError, ToolSpec};

/// Makes stored bytes an artifact of the step. The journal has their hash, never the bytes.
#[derive(Clone, Copy, Debug)]
pub struct SaveArtifact;

/// Bytes that are in the store, and the path that they get.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveArtifactArgs {
    /// Relative to the step's workspace.
    #[schemars(length(min = 1, max = 1_024))]
    pub path: String,
    /// Hash of the content, hex.
    #[schemars(length(equal = 64))]
    pub sha256: String,
    /// By name and content.
    #[schemars(length(min = 1, max = 200))]
    pub content_type: String,
}

#[async_trait]
impl Tool for SaveArtifact {
    type Args = SaveArtifactArgs;
    type Output = MadeFile;
    const SPEC: ToolSpec = ToolSpec {
        name: "save_artifact",
        effect: Effect::Idempotent,
        description: "Makes stored bytes an artifact of the step.",
    };

    async fn run(
        &self,
        args: &SaveArtifactArgs,
        context: &ToolContext<'_>,
    ) -> Result<MadeFile, ToolError> {
        let size = context.bench.store.size(&key(&args.sha256)?).await.map_err(|e| failed(&e))?;
        let (path, content_type) = (args.path.clone(), args.content_type.clone());
        Ok(MadeFile { path, size, content_type, sha256: args.sha256.clone() })
    }
}
