import qrcode from "qrcode-generator";

/** A text as a code that a phone scans. Dark on light in every theme: many readers take nothing else. */
export function Qr({ text, label }: { text: string; label: string }) {
  // 0: as large as the text needs; M: 15 % of it may be unreadable.
  const code = qrcode(0, "M");
  code.addData(text, "Byte");
  code.make();
  const size = code.getModuleCount();
  // The margin that readers need.
  const quiet = 4;
  const cells = Array.from({ length: size * size }, (_, at) => [Math.floor(at / size), at % size] as const);
  const dark = cells.filter(([row, column]) => code.isDark(row, column));
  const side = size + 2 * quiet;
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} shapeRendering="crispEdges">
      <rect width={side} height={side} fill="#fff" />
      <path fill="#000" d={dark.map(([row, column]) => `M${column + quiet} ${row + quiet}h1v1h-1z`).join("")} />
    </svg>
  );
}
