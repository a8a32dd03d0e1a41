// Places on the map: shape by kind, fill and sign by state. Drawn here, so that nothing is fetched.
export type Look = "seen" | "problem" | "due" | "overdue" | "unreachable";

const LOOKS: Record<Look, { fill: string; edge: string; sign: string; signColour: string }> = {
  seen: { fill: "#0b5563", edge: "#0b5563", sign: "tick", signColour: "#fff" },
  problem: { fill: "#8a4500", edge: "#8a4500", sign: "bang", signColour: "#fff" },
  due: { fill: "#fff", edge: "#0b5563", sign: "", signColour: "" },
  overdue: { fill: "#fff", edge: "#a1221a", sign: "bang", signColour: "#a1221a" },
  unreachable: { fill: "#ecebe5", edge: "#555c64", sign: "cross", signColour: "#555c64" },
};

/** Corners and turn in degrees; no corners is round. */
const KINDS: Record<string, [corners: number, turn: number]> = {
  reservoir: [3, 90],
  slope: [3, -90],
  fire_hydrant: [4, 0],
  rental_house: [4, 45],
  watchtower: [5, -90],
  school: [6, 0],
  market: [8, 22.5],
};

const SIZE = 22;
const RATIO = 2;

export function iconName(kind: string, look: Look): string {
  return `${kind in KINDS ? kind : "round"}:${look}`;
}

/** Every kind in every state, by name. */
export function placeIcons(): [name: string, image: ImageData][] {
  return ["round", ...Object.keys(KINDS)].flatMap((kind) =>
    (Object.keys(LOOKS) as Look[]).map((look): [string, ImageData] => [
      `${kind}:${look}`,
      draw((pen) => drawPlace(pen, kind, look)),
    ]),
  );
}

function drawPlace(pen: CanvasRenderingContext2D, kind: string, look: Look) {
  const { fill, edge, sign, signColour } = LOOKS[look];
  const [corners, turn] = KINDS[kind] ?? [0, 0];
  outline(pen, corners, turn, corners === 3 ? 10 : 9);
  pen.fillStyle = fill;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = edge;
  pen.stroke();
  drawSign(pen, sign, signColour, corners === 3 ? (turn > 0 ? -1.5 : 1.5) : 0);
}

function outline(pen: CanvasRenderingContext2D, corners: number, turn: number, radius: number) {
  const centre = SIZE / 2;
  pen.beginPath();
  if (corners === 0) pen.arc(centre, centre, radius - 1, 0, 2 * Math.PI);
  for (let at = 0; at < corners; at += 1) {
    const angle = ((turn + (at * 360) / corners) * Math.PI) / 180;
    pen.lineTo(centre + radius * Math.cos(angle), centre + radius * Math.sin(angle));
  }
  pen.closePath();
}

const SIGNS: Record<string, [number, number][][]> = {
  tick: [
    [
      [-3.2, 0.2],
      [-0.8, 2.8],
      [3.4, -2.6],
    ],
  ],
  bang: [
    [
      [0, -3.6],
      [0, 0.8],
    ],
    [
      [0, 3.2],
      [0, 3.5],
    ],
  ],
  cross: [
    [
      [-2.6, -2.6],
      [2.6, 2.6],
    ],
    [
      [2.6, -2.6],
      [-2.6, 2.6],
    ],
  ],
};

function drawSign(pen: CanvasRenderingContext2D, sign: string, colour: string, shift: number) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.lineCap = "round";
  for (const stroke of SIGNS[sign] ?? []) {
    pen.beginPath();
    for (const [x, y] of stroke) pen.lineTo(SIZE / 2 + x, SIZE / 2 + y + shift);
    pen.stroke();
  }
}

/** The tick that shows which way a track was walked. */
export function directionIcon(): ImageData {
  return draw((pen) => {
    pen.strokeStyle = "#0b5563";
    pen.lineWidth = 2.2;
    pen.lineJoin = "round";
    pen.beginPath();
    for (const [x, y] of [
      [-4, -5],
      [2, 0],
      [-4, 5],
    ] as const)
      pen.lineTo(SIZE / 2 + x, SIZE / 2 + y);
    pen.stroke();
  });
}

/** What a photo's number stands in. */
export function pinIcon(): ImageData {
  return draw((pen) => {
    pen.arc(SIZE / 2, SIZE / 2, 8, 0, 2 * Math.PI);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = "#1b1f23";
    pen.stroke();
  });
}

/** Diagonal hatching that repeats without a seam. */
export function hatchIcon(): ImageData {
  const size = 8;
  return draw((pen) => {
    pen.strokeStyle = "rgb(138 69 0 / 60%)";
    pen.lineWidth = 1.2;
    for (const from of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(from, size);
      pen.lineTo(from + size, 0);
      pen.stroke();
    }
  }, size);
}

function draw(paint: (pen: CanvasRenderingContext2D) => void, size = SIZE): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("a browser with WebGL has a 2D canvas");
  pen.scale(RATIO, RATIO);
  paint(pen);
  return pen.getImageData(0, 0, size * RATIO, size * RATIO);
}

export const ICON_RATIO = RATIO;
