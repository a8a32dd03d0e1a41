//! A Shapefile of any provenance. The first bytes say where its three parts end.
#![no_main]

use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Options, ShapefileParts, Source, TextEncoding, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((ends, bytes)) = bytes.split_first_chunk::<4>() else { return };
    let [shp, shx] = [[ends[0], ends[1]], [ends[2], ends[3]]].map(|end| usize::from(u16::from_le_bytes(end)));
    let (shp, rest) = bytes.split_at(shp.min(bytes.len()));
    let (shx, dbf) = rest.split_at(shx.min(rest.len()));
    let parts = ShapefileParts { shp, shx, dbf, prj: None, cpg: None };
    let _ =
        import(Source::Shapefile(parts), &Options { encoding: Some(TextEncoding::Gbk), ..Options::new(Crs::Wgs84) });
});
