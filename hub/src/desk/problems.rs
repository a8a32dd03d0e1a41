//! What a supervisor is told when something cannot be answered or done.

use axum::http::StatusCode;

use crate::api::problem::{Next, Problem};
use crate::cell::CellError;

impl From<CellError> for Problem {
    fn from(error: CellError) -> Self {
        match error {
            CellError::NotFound => Problem::not_found(),
            CellError::Overtaken => overtaken(),
            CellError::TooLarge => too_long(),
            error => {
                tracing::error!(%error, "the cell could not answer a desk");
                Problem::unavailable()
            }
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        CellError::from(error).into()
    }
}

pub(super) fn overtaken() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "error-stage-changed",
        "别人已经办过，或事件已转到别的环节。这次没有改动，请先看最新情况。",
        "Somebody else decided first, or the case has moved on. Nothing was changed; look at it again.",
        Next::Reload,
    )
}

pub(super) fn not_allowed() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "error-not-allowed",
        "没有办理这一步的权限，什么都没有改。",
        "Your role may not do this. Nothing was changed.",
        Next::GoBack,
    )
}

pub(super) fn too_long() -> Problem {
    unusable("error-record-too-large", "内容太长，存不下。请缩短文字。", "Too long to save. Please shorten the text.")
}

/// What was typed cannot be taken; the texts say what to change.
fn unusable(code: &str, text_zh: &str, text_en: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, text_zh, text_en, Next::Correct)
}

pub(super) fn wrong_value() -> Problem {
    unusable(
        "error-value-unfit",
        "这个栏目不能填这样的内容，什么都没有改。",
        "This field cannot hold such a value. Nothing was changed.",
    )
}

/// A code has a check of its own, so a slip of the pen is noticed.
pub(super) fn wrong_code() -> Problem {
    unusable(
        "error-photo-code",
        "校验码抄错了：照片左下角有十二个字符，请对着再填一次。",
        "This is no code: look at the twelve characters at the photo's lower left and type them again.",
    )
}

/// A decision that names writes which are not of this question.
pub(super) fn unknown_writes() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "error-unknown-writes",
        "页面内容与记录对不上，什么都没有改。请刷新后再定。",
        "The page does not belong to this record. Nothing was changed; reload and decide again.",
        Next::Reload,
    )
}

pub(super) fn reason_missing() -> Problem {
    unusable("error-reason-missing", "请写明原因，1 到 500 字。", "Please give a reason of 1 to 500 characters.")
}

pub(super) fn holder_missing() -> Problem {
    unusable("error-holder-missing", "请从名单里选一位承办人。", "Please choose somebody from the list.")
}

pub(super) fn label_missing() -> Problem {
    unusable("error-label-missing", "请填写称呼，比如“网格员·仲和·03”。", "Please say what the member is called.")
}

pub(super) fn area_unknown() -> Problem {
    unusable(
        "error-area-unknown",
        "没有这个区划代码，请核对数字。",
        "There is no area with this code. Check its digits.",
    )
}

pub(super) fn days_reversed() -> Problem {
    unusable(
        "error-days-reversed",
        "结束的日期早于开始的日期。请改选其中一个。",
        "The last day is before the first. Please choose one of them anew.",
    )
}

pub(super) fn too_many_walks() -> Problem {
    unusable(
        "error-too-many-walks",
        "这么多天的巡查一次算不完。请选短一些的日期。",
        "Too many walks for one answer. Please choose fewer days.",
    )
}

pub(super) fn too_many_guesses() -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "error-too-many-guesses",
        "试的次数太多，请过一分钟再试。",
        "Too many attempts. Please wait a minute and try again.",
        Next::Retry,
    )
}

/// The record is here and its bytes are not yet.
pub(super) fn bytes_awaited() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "error-bytes-awaited",
        "照片的记录已到，图像还在手机里，等它上传后再看。",
        "The photo's record is here; its bytes are still on the phone. Look again when they have arrived.",
        Next::Retry,
    )
}

pub(super) fn no_preview() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "error-no-preview",
        "这张照片没有预览图，原图可以下载。",
        "This photo has no preview. The original can be downloaded.",
        Next::GoBack,
    )
}

#[cfg(test)]
mod tests {
    use gridpatrol_model::message::{Lang, Messages};

    use super::*;

    #[test]
    fn every_problem_is_said_in_the_words_of_the_message_files() {
        let problems = [
            Problem::not_found(),
            Problem::no_session(),
            Problem::wrong_password(),
            Problem::foreign_origin(),
            Problem::unreadable(),
            Problem::file_too_large(),
            Problem::unavailable(),
            overtaken(),
            not_allowed(),
            too_long(),
            wrong_value(),
            wrong_code(),
            unknown_writes(),
            reason_missing(),
            holder_missing(),
            label_missing(),
            area_unknown(),
            days_reversed(),
            too_many_walks(),
            too_many_guesses(),
            bytes_awaited(),
            no_preview(),
        ];
        let messages = Messages::new(Lang::Zh);
        let unsaid: Vec<String> =
            problems.into_iter().map(|problem| problem.code).filter(|code| !messages.has(code)).collect();
        assert_eq!(unsaid, [""; 0]);
    }
}
