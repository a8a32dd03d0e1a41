//! Manifests of a toy phone: its key is the Ed25519 seed `07` × 32.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::pack::Category;
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_photo::{DHash, Manifest, Origin, Place, SignedManifest, WGS_84};

pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub fn sign(manifest: Manifest) -> SignedManifest {
    manifest.sign(|message| key().sign(message).to_bytes())
}

/// Everything that a phone can know.
pub fn full() -> Manifest {
    let category = Category {
        standard_ref: "GB/T 47678.5-2026".into(),
        kind: "matter".into(),
        code: "06010".into(),
        name: "暴露垃圾".into(),
    };
    Manifest {
        time: TimeEvidence { gnss_ms: Some(1_795_500_000_250), ..bare().time },
        last_hub_ms: Some(1_795_413_600_000),
        // Zili village (domain §6).
        place: Some(Place { crs: WGS_84, lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: Some(48) }),
        category: Some(category),
        dhash: Some(DHash(0x0123_4567_89ab_cdef)),
        ..bare()
    }
}

/// As little as a phone must know.
pub fn bare() -> Manifest {
    Manifest {
        sha256: [0xaa; 32],
        record: EntityId([0xbb; 16]),
        device: key().verifying_key().to_bytes(),
        time: TimeEvidence { wall_ms: 1_795_500_000_000, boot_id: 41, mono_ms: 8_640_000, gnss_ms: None },
        last_hub_ms: None,
        place: None,
        category: None,
        app_version: "0.1.0".into(),
        origin: Origin::Captured,
        dhash: None,
        later: BTreeMap::new(),
    }
}
