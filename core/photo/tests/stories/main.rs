//! A photo from the camera to somebody who checks it years later.

mod bombs;
mod broken;
mod coders;
mod derivative;
mod evidence;
mod exif;
mod heif;
mod hostile;
mod import;
mod manifest;
mod stamp;
mod support;
mod verify;
mod webp;
