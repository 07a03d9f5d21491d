use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use crate::fault::Faults;
use crate::section::{Place, default, optional, section};
use crate::setting::words;

words! {
    /// Where the bytes of files lie.
    FilesBackend {
        /// A folder that API and workers share.
        Local = "local",
        /// Any S3.
        S3 = "s3",
    }
}

section! {
    /// `NINJA_FILES__*`: the bytes of uploads and artifacts.
    FilesConfig {
        /// A folder, or S3. More than one machine needs S3 or a shared file system.
        backend: FilesBackend = default(&["local"]);
        /// The folder.
        root: PathBuf = default(&[".ninja/files"]);
        /// MiB of one uploaded file at most, whatever the plan limits say.
        max_mib: u64 = default(&["50"]);
        /// Name of the bucket.
        s3_bucket: Option<String> = optional("ninja-files");
        /// Region of the bucket.
        s3_region: String = default(&["us-east-1"]);
        /// Server, if it is not AWS.
        s3_endpoint: Option<Url> = optional("https://minio.example.org");
        /// First part of every object's name.
        s3_prefix: String = optional("ninja");
        /// Access key.
        s3_access_key_id: Option<SecretString> = optional("AKIAEXAMPLE");
        /// Its secret.
        s3_secret_access_key: Option<SecretString> = optional("secret");
    }
    rules rules
}

fn rules(files: &FilesConfig, at: Place, faults: &mut Faults) {
    if files.max_mib == 0 {
        faults.say(at.variable("max_mib"), "must be at least 1");
    }
    if files.backend != FilesBackend::S3 {
        return;
    }
    let needed = [
        (files.s3_bucket.is_none(), "s3_bucket"),
        (files.s3_access_key_id.is_none(), "s3_access_key_id"),
        (files.s3_secret_access_key.is_none(), "s3_secret_access_key"),
    ];
    for (missing, name) in needed {
        if missing {
            faults.say(at.variable(name), "is missing: NINJA_FILES__BACKEND=s3 needs it");
        }
    }
}
