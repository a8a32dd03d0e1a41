import { describe, expect, test } from "vitest";
import type { Shapes } from "../api/client";
import { drawTrack, positionAt, segmentSpans, trusted } from "./track";

const track: Shapes["Track"] = {
  segments: [
    {
      points: [
        [112.58, 22.36],
        [112.581, 22.36],
        [112.582, 22.36],
      ],
      times: [0, 1000, 2000],
      outside: [],
      doubted: [],
    },
    { points: [], times: [], outside: [], doubted: [] },
    {
      points: [
        [112.585, 22.361],
        [112.586, 22.361],
        [112.587, 22.361],
        [112.588, 22.361],
      ],
      times: [9000, null, null, 12_000],
      outside: [[1, 2]],
      doubted: [],
    },
  ],
  fixes: 7,
  doubts: [],
  gaps: [{ after: 0, cause: "permission", from_ms: 2000, to_ms: 9000 }],
};

describe("drawing a track", () => {
  test("no line crosses a gap, even over an empty segment", () => {
    const ends = drawTrack(track).lines.map(({ geometry }) => [geometry.coordinates[0], geometry.coordinates.at(-1)]);
    expect(ends[0]).toEqual([
      [112.58, 22.36],
      [112.582, 22.36],
    ]);
    expect(ends[1]?.[0]).toEqual([112.585, 22.361]);
  });

  test("a gap is an area round both of its sides", () => {
    const [gap] = drawTrack(track).gaps;
    const lons = gap?.geometry.coordinates[0]?.map(([lon = 0]) => lon) ?? [];
    expect(Math.min(...lons)).toBeLessThanOrEqual(112.5821);
    expect(Math.max(...lons)).toBeGreaterThanOrEqual(112.5849);
    expect(drawTrack(track).ends).toHaveLength(2);
  });

  test("a gap before the walk has no place and is not drawn", () => {
    expect(drawTrack({ ...track, gaps: [{ after: null, cause: "no_fix" }] }).gaps).toEqual([]);
  });

  test("the part outside every grid is a line of its own, joined to its neighbours", () => {
    const lines = drawTrack(track).lines.slice(1);
    expect(lines.map((line) => [line.properties.outside, line.geometry.coordinates.length])).toEqual([
      [false, 2],
      [true, 2],
      [false, 2],
    ]);
  });

  test("a doubted point is drawn where it is, and both steps to it are", () => {
    const [first] = track.segments;
    if (!first) throw new Error("there are three");
    const doubted = [{ doubt: "jump" as const, first: 1, last: 1 }];
    const drawn = drawTrack({ ...track, segments: [{ ...first, doubted }], gaps: [] });
    expect(drawn.lines.map(({ properties }) => properties.doubted)).toEqual([true]);
    expect(drawn.doubts.map(({ geometry, properties }) => [geometry.coordinates, properties.id])).toEqual([
      [[112.581, 22.36], "jump"],
    ]);
    expect(trusted({ ...first, doubted })).toHaveLength(2);
  });
});

describe("replaying a track", () => {
  test("stands between two fixes in proportion to the time", () => {
    expect(positionAt(track, 1500)?.[0]).toBeCloseTo(112.5815, 9);
  });

  test("is nowhere in a gap and nowhere between points without a time", () => {
    expect(positionAt(track, 5000)).toBeUndefined();
    expect(positionAt(track, 10_000)).toBeUndefined();
  });

  test("knows the spans that were walked", () => {
    expect(segmentSpans(track)).toEqual([
      { from: 0, to: 2000 },
      { from: 9000, to: 12_000 },
    ]);
  });
});
