use std::fs::File;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::{Count, Limits, Trouble, tar};
use crate::text::fill;

const BROKEN: &str = "it is no whole gzip stream";

/// Unpacks a gzip stream into nothing; a tar in it is walked.
pub(crate) fn gzip(file: File, head: &[u8], limits: &Limits) -> Result<(), Trouble> {
    if !infer::is(head, "gz") {
        return Err(Trouble::Broken(BROKEN));
    }
    let count = Count::new(limits, file.metadata()?.len());
    let mut unpacked = count.reader(MultiGzDecoder::new(BufReader::new(file)));
    let mut first = [0; 512];
    let failed = |error| count.trouble(error, BROKEN);
    let filled = fill(&mut unpacked, &mut first).map_err(failed)?;
    let first = &first[..filled];
    if infer::is(first, "tar") {
        tar::walk(first.chain(&mut unpacked), &count)?;
    }
    io::copy(&mut unpacked, &mut io::sink()).map_err(failed)?; // behind the end of a tar, too
    Ok(())
}
