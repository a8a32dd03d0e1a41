//! From a survey office's file to the pack a phone carries.

mod change;
mod check;
mod gis;
mod import;
mod pack;
mod repair;
mod support;
