//! What an element of GPX means, given the one around it: the whole grammar that the import knows.

/// What an open element means.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Element {
    Gpx,
    Track,
    Segment,
    Point,
    /// A `trkpt` that is in no segment.
    StrayPoint,
    Mark,
    Route,
    RoutePoint,
    /// Of a point; extensions nest.
    Extensions,
    Field(Field),
    Other,
}

/// An element whose text is a value of the track, point or mark around it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Field {
    TrackName,
    Name,
    Time,
    Elevation,
    Speed,
    Course,
    Accuracy,
}

/// The meaning of `local` inside `parent`; `of_gpx` when it is in the namespace of the document's root.
pub(super) fn child(parent: Element, of_gpx: bool, local: &str) -> Element {
    match (parent, local) {
        (Element::Extensions, "speed") => Element::Field(Field::Speed),
        (Element::Extensions, "course") => Element::Field(Field::Course),
        (Element::Extensions, "accuracy") => Element::Field(Field::Accuracy),
        (Element::Extensions, _) => Element::Extensions,
        _ if !of_gpx => Element::Other,
        (Element::Gpx, "trk") => Element::Track,
        (Element::Gpx, "wpt") => Element::Mark,
        (Element::Gpx, "rte") => Element::Route,
        (Element::Route, "rtept") => Element::RoutePoint,
        (Element::Track, "trkseg") => Element::Segment,
        (Element::Track, "name") => Element::Field(Field::TrackName),
        (Element::Segment, "trkpt") => Element::Point,
        (_, "trkpt") => Element::StrayPoint,
        (Element::Point | Element::Mark, "time") => Element::Field(Field::Time),
        (Element::Point | Element::Mark, "ele") => Element::Field(Field::Elevation),
        (Element::Mark, "name") => Element::Field(Field::Name),
        // Direct children of a point in GPX 1.0 only.
        (Element::Point, "speed") => Element::Field(Field::Speed),
        (Element::Point, "course") => Element::Field(Field::Course),
        (Element::Point, "extensions") => Element::Extensions,
        _ => Element::Other,
    }
}
