//! What members live through, told to the facade alone. Folders are real; what the office says is decided by the
//! real `intake` and reaches the phone between two openings of the app.

mod basemaps;
mod conflicts;
mod covered;
mod day;
mod import;
mod photos;
mod places;
mod support;
