//! From bytes to text: by byte order mark, else by the shape of UTF-16, else by what the XML declaration says,
//! else UTF-8. Older devices write ISO-8859-1, and Chinese tools GBK.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::GpxError;

/// A declaration is shorter than this.
const HEAD: usize = 256;

/// Borrows when the file is UTF-8 already. A byte that the encoding does not have is an error, never a `�`.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, GpxError> {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some(found) => found,
        None if bytes.starts_with(b"<\0") => (UTF_16LE, 0),
        None if bytes.starts_with(b"\0<") => (UTF_16BE, 0),
        None => (declared(bytes)?, 0),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
        .ok_or(GpxError::NotText(encoding.name()))
}

fn declared(bytes: &[u8]) -> Result<&'static Encoding, GpxError> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let Some(label) = declared_label(&head) else { return Ok(UTF_8) };
    match Encoding::for_label(label.as_bytes()) {
        // "UTF-16" in a declaration that could be read byte by byte is a leftover: the file is UTF-8.
        Some(encoding) => Ok(encoding.output_encoding()),
        None => Err(GpxError::UnknownEncoding(label.to_owned())),
    }
}

fn declared_label(head: &str) -> Option<&str> {
    let (declaration, _) = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, after) = declaration.split_once("encoding")?;
    let quoted = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    quoted[1..].split_once(quote).map(|(label, _)| label)
}
