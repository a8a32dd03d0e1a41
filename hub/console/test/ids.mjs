// The records of the fixtures that the browser test opens.
export const PATROL = "1965cb2e4204552ccb8719751819c2e6";
export const CASE = "de410696357dc1057d82d8cb8a10aa7b";
export const DELETED = "5bfcce9e8cec2e9a51ac3d67c927bf02";
export const HELD = "62e50918096d6357d91f84444c28dae6.51.f755d338f3e7170e";
