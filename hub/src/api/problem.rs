//! What a failed request answers: RFC 9457 problem details with a message id and what to do next.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Media type `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    pub status: u16,
    /// Message id of the shared message files.
    pub code: String,
    /// What happened, to the work too: it is safe.
    pub text_zh: String,
    pub text_en: String,
    /// What the reader can do about it.
    pub next: Next,
}

/// The one step that the screen offers after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    LogIn,
    /// The page is older than the record: fetch it again and look before deciding.
    Reload,
    Retry,
    /// Change what was typed.
    Correct,
    GoBack,
}

impl Problem {
    /// For what does not exist and for what lies outside the session's areas: nobody learns which.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "error-not-found",
            "没有找到，或不在管辖范围内。",
            "There is no such record in your areas.",
            Next::GoBack,
        )
    }

    pub fn no_session() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "error-login-ended",
            "登录已过期，请重新登录。填写的内容还在。",
            "Please log in again. What you sent is safe.",
            Next::LogIn,
        )
    }

    pub fn wrong_password() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "error-login-wrong",
            "用户名或密码不对。",
            "Wrong name or password.",
            Next::Correct,
        )
    }

    pub fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "error-foreign-origin",
            "请求来自别的网页，没有执行。",
            "The request came from another site and was not carried out.",
            Next::Reload,
        )
    }

    /// A body or query that is not of the contract's shape.
    pub fn unreadable() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "error-unreadable",
            "这个请求的内容或筛选条件看不懂，什么都没有改。请刷新页面再试。",
            "The request could not be read and nothing was changed. Reload the page and try again.",
            Next::Reload,
        )
    }

    pub fn file_too_large() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "error-file-too-large",
            "文件太大，不像一张照片。请选一张照片。",
            "The file is too large for a photo. Please choose a photo.",
            Next::Correct,
        )
    }

    /// The hub is starting, stopping or cannot read its folder.
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "error-unavailable",
            "服务暂时不可用，数据都在，请稍后再试。",
            "The hub is not available right now. Everything is safe; try again shortly.",
            Next::Retry,
        )
    }

    pub fn new(status: StatusCode, code: &str, text_zh: &str, text_en: &str, next: Next) -> Self {
        Self { status: status.as_u16(), code: code.into(), text_zh: text_zh.into(), text_en: text_en.into(), next }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
