//! The transport of the field: HTTP by reqwest, TLS by rustls with ring, for the one key that came with the hub's
//! address.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridpatrol_protocol::link::Pin;
use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde::Deserialize;
use serde_json::json;

use crate::pinned;
use crate::transport::{Answer, Transport, TransportError};

type Result<T> = std::result::Result<T, TransportError>;

/// A weak line is slow but not silent for longer than this.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Http {
    client: Client,
    base: String,
}

#[derive(Deserialize)]
struct Enrolled {
    certificate: String,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
}

impl Http {
    /// `base` as in `https://hub.example`: only the holder of the key is spoken to. Without TLS only this machine is.
    pub fn new(base: &str, key: Option<Pin>) -> Result<Self> {
        if !is_protected(base) {
            return Err(TransportError::Unprotected);
        }
        let tls = pinned::config(key).map_err(|error| TransportError::Away(error.to_string()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(PATIENCE)
            // A phone's hub is where it was said to be.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(away)?;
        Ok(Http { client, base: base.trim_end_matches('/').to_owned() })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn is_protected(base: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(base) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

impl Transport for Http {
    fn enrol(&self, code: &str, device: &[u8; 32]) -> Result<Vec<u8>> {
        let body = json!({ "code": code, "device": STANDARD.encode(device) }).to_string();
        let request = self.client.post(self.at("/v1/enrol")).header(CONTENT_TYPE, "application/json").body(body);
        let answer: Enrolled = parse(send(request)?)?;
        STANDARD.decode(answer.certificate).map_err(|_| TransportError::Away("no certificate in the answer".into()))
    }

    fn sync(&self, body: Vec<u8>, certificate: Option<&[u8]>) -> Result<Answer> {
        let mut request = self.client.post(self.at("/v1/sync")).body(body);
        if let Some(certificate) = certificate {
            request = request.header("gridpatrol-certificate", STANDARD.encode(certificate));
        }
        let response = request.send().map_err(away)?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return unauthorized(response);
        }
        Ok(Answer::Reply(good(response)?.bytes().map_err(away)?.to_vec()))
    }

    fn create_upload(&self, size: u64, metadata: &[(&str, &[u8])]) -> Result<String> {
        let metadata: Vec<String> =
            metadata.iter().map(|(name, value)| format!("{name} {}", STANDARD.encode(value))).collect();
        let request = tus(self.client.post(self.at("/v1/uploads")))
            .header("upload-length", size)
            .header("upload-metadata", metadata.join(","));
        let response = send(request)?;
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        location.map(str::to_owned).ok_or_else(|| TransportError::Away("no address in the answer".into()))
    }

    fn upload_offset(&self, url: &str) -> Result<Option<u64>> {
        match send(tus(self.client.head(self.at(url)))) {
            Ok(response) => Ok(Some(offset(response.headers())?)),
            Err(TransportError::Refused { status: 404 | 410, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn upload_part(&self, url: &str, at: u64, part: Vec<u8>, sha256: &[u8; 32]) -> Result<Option<u64>> {
        let request = tus(self.client.patch(self.at(url)))
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header("upload-offset", at)
            .header("upload-checksum", format!("sha256 {}", STANDARD.encode(sha256)))
            .body(part);
        match send(request) {
            Ok(response) => Ok(Some(offset(response.headers())?)),
            Err(TransportError::Refused { status: 409 | 460, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn tus(request: RequestBuilder) -> RequestBuilder {
    request.header("tus-resumable", "1.0.0")
}

fn send(request: RequestBuilder) -> Result<Response> {
    good(request.send().map_err(away)?)
}

/// The error without its address: that may name a record.
fn away(error: reqwest::Error) -> TransportError {
    if is_tls(&error) { TransportError::NotTheHub } else { TransportError::Away(error.without_url().to_string()) }
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    // An I/O error has the one that it wraps inside, not as its source.
    let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || inside.is_some_and(|inside| is_tls(inside)) || error.source().is_some_and(is_tls)
}

fn good(response: Response) -> Result<Response> {
    let status = response.status();
    match status {
        _ if status.is_success() => Ok(response),
        StatusCode::TOO_MANY_REQUESTS => Err(TransportError::Busy),
        StatusCode::INSUFFICIENT_STORAGE => Err(TransportError::Full),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            Err(TransportError::Away(format!("the hub answers {status}")))
        }
        _ => {
            let code = parse::<Refusal>(response).map_or_else(|_| status.to_string(), |refusal| refusal.code);
            Err(TransportError::Refused { status: status.as_u16(), code })
        }
    }
}

fn unauthorized(response: Response) -> Result<Answer> {
    let challenge = response.headers().get("gridpatrol-challenge").and_then(|value| value.to_str().ok());
    if let Some(challenge) = challenge.and_then(challenge_of) {
        return Ok(Answer::Challenge(challenge));
    }
    match parse::<Refusal>(response)?.code.as_str() {
        "unknown-device" => Ok(Answer::UnknownDevice),
        code => Err(TransportError::Refused { status: 401, code: code.to_owned() }),
    }
}

fn challenge_of(hex: &str) -> Option<[u8; 16]> {
    // An entity is 16 bytes of hexadecimal digits, too.
    hex.parse::<gridpatrol_model::ids::EntityId>().ok().map(|id| id.0)
}

fn offset(headers: &HeaderMap) -> Result<u64> {
    let value = headers.get("upload-offset").and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    value.ok_or_else(|| TransportError::Away("no offset in the answer".into()))
}

fn parse<T: for<'d> Deserialize<'d>>(response: Response) -> Result<T> {
    let bytes = response.bytes().map_err(away)?;
    serde_json::from_slice(&bytes).map_err(|_| TransportError::Away("the answer is not the hub's".into()))
}
