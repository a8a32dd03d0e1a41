//! A phone's storage, told as what happens to the work of its owner. Files are real, and what the hub says is
//! decided by the real `intake`.

mod damage;
mod files;
mod offline;
mod support;
mod sync;
