//! Photos, always through their record: a hash alone opens nothing.

use super::{
    Answer, Asked, Asks, Binary, Query,
    common::{EntityText, MemberRef, Moment, Position, Receipt, RecordRef, Text},
    problem::Problem,
};
use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, rejection::BytesRejection},
    http::{HeaderName, header},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Photo {
    pub id: EntityText,
    /// From 1, in walking order; the number on the map pin.
    pub number: u32,
    /// The inspection, case or patrol that it belongs to.
    pub of: RecordRef,
    pub author: MemberRef,
    pub taken: Option<Moment>,
    pub position: Option<Position>,
    pub mime: String,
    pub bytes: u64,
    /// Pixels of the original, where its header tells.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Whether `preview` and `thumbnail` can be fetched.
    pub has_preview: bool,
    /// Why not.
    pub no_preview: Option<Text>,
    /// What is wrong with the file, if it is broken: preview and thumbnail show what is left.
    pub damage: Option<Text>,
    /// Of the original, 64 hex digits.
    pub sha256: String,
    pub hash: HashState,
    /// Of the manifest that the phone signed: what the stamp shows.
    pub code: Option<String>,
    pub signature: Signature,
    /// From the phone's library or a file, not taken at the spot.
    pub library: bool,
    /// The picture of the same spot from the time before.
    pub same_spot: Option<EarlierPhoto>,
    /// An earlier photo, of another record, that looks like this one. It proves nothing: look at both.
    pub alike: Option<AlikePhoto>,
    pub receipt: Receipt,
}

/// What the phone's signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// There is none: written by an older app, or before the phone was enrolled.
    Missing,
    /// By a phone of the photo's author, over the original and the record that it is of.
    Good,
    /// Of another phone, another original or another record, or damaged.
    Bad,
}

/// What the hub knows about the original's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HashState {
    /// Not all here yet.
    Awaited,
    /// Here, and equal to the signed hash.
    Intact,
    /// Here, and not equal: kept apart.
    Differs,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EarlierPhoto {
    pub id: EntityText,
    pub taken: Option<Moment>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlikePhoto {
    pub id: EntityText,
    /// The inspection, case or patrol that it belongs to.
    pub of: RecordRef,
    pub taken: Option<Moment>,
    pub patrol: Option<RecordRef>,
}

/// What a file that somebody shows is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PhotoVerdict {
    pub verdict: VerdictName,
    /// What can be said, and what cannot.
    pub text: Text,
    /// The photo that it was compared with, within the session's areas.
    pub photo: Option<Photo>,
    pub patrol: Option<RecordRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// Genuine: the original, bit for bit, with a good signature. Nothing else is called genuine.
    Intact,
    /// The original, bit for bit, but its phone did not sign it.
    Unsigned,
    /// Other bytes that look like the photo, as a messenger makes them.
    Recompressed,
    /// The same, but what the photo looks like was not signed: its phone decoded it later.
    LooksLike,
    /// Only the code leads to the photo: a screenshot, a print.
    CodeOnly,
    /// It fits, but nobody vouches for the phone that signed it.
    UnknownSigner,
    /// It fits, but the signature does not.
    BadSignature,
    /// No photo in the session's areas fits.
    Unrelated,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VerifyQuery {
    /// The code on the stamp, if it can be read.
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rendition {
    /// 256 px, JPEG.
    Thumbnail,
    /// 1600 px with the stamp, JPEG.
    Preview,
    /// The bytes as they were taken.
    Original,
}

/// Bytes of one rendition and what they are.
pub struct PhotoBytes {
    pub mime: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    let checked = OpenApiRouter::new().routes(routes!(check)).layer(DefaultBodyLimit::max(LARGEST));
    OpenApiRouter::new().routes(routes!(photo)).merge(checked)
}

/// Bytes of a file that is compared: a photo of 200 megapixels has about 40 MB.
const LARGEST: usize = 60 << 20;

/// Compares a file with the photos of the session's areas. The file is not kept.
#[utoipa::path(post, operation_id = "verify_photo", path = "/api/photos/verify", tag = "photos", params(VerifyQuery),
    request_body(content = Binary, content_type = "application/octet-stream"),
    responses((status = 200, body = PhotoVerdict), Asks))]
async fn check(
    asked: Asked,
    Query(query): Query<VerifyQuery>,
    file: Result<Bytes, BytesRejection>,
) -> Answer<Json<PhotoVerdict>> {
    let file = file.map_err(|_| Problem::file_too_large())?;
    asked.json(move |desk, session| desk.verify_photo(session, &file, query.code.as_deref())).await
}

/// One rendition of a photo. An original is always a download: its type is the phone's word.
#[utoipa::path(get, path = "/api/photos/{entity}/{rendition}", tag = "photos",
    params(("entity" = String, Path), ("rendition" = inline(Rendition), Path)),
    responses((status = 200, body = Binary, content_type = "application/octet-stream"), Asks))]
async fn photo(
    asked: Asked,
    Path((entity, rendition)): Path<(String, Rendition)>,
) -> Answer<([(HeaderName, String); 4], Vec<u8>)> {
    let photo = asked.run(move |desk, session| desk.photo(session, &entity, rendition)).await?;
    let disposition = match rendition {
        Rendition::Original => format!("attachment; filename=\"{}\"", photo.file_name),
        Rendition::Preview | Rendition::Thumbnail => "inline".to_owned(),
    };
    let headers = [
        (header::CONTENT_TYPE, photo.mime),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=86400".to_owned()),
    ];
    Ok((headers, photo.bytes))
}
