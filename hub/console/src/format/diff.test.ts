import { describe, expect, test } from "vitest";
import { marked, together } from "./diff";

const words = (text: string, other: string) =>
  marked(text, other)
    .filter((run) => run.differs)
    .map((run) => run.text);

describe("marking the words that differ", () => {
  test("finds a changed word inside a Chinese sentence", () => {
    expect(words("护栏松动，需要更换", "护栏缺失，需要更换").join("")).toBe("松动");
    expect(words("护栏缺失，需要更换", "护栏松动，需要更换").join("")).toBe("缺失");
  });

  test("finds what was added, and nothing in what was not", () => {
    expect(words("水位偏高，已通知村委", "水位偏高").join("")).toBe("，已通知村委");
    expect(words("水位偏高", "水位偏高，已通知村委")).toEqual([]);
  });

  test("the runs put together are the text", () => {
    const text = "Rail is loose near the weir 3";
    expect(
      marked(text, "Rail is missing near the weir")
        .map((run) => run.text)
        .join(""),
    ).toBe(text);
  });
});

test("writing both together keeps each value once", () => {
  expect(together(["护栏松动", " 护栏缺失 ", "护栏松动"])).toBe("护栏松动\n护栏缺失");
});
