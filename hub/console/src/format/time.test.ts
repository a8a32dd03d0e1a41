import { describe, expect, test } from "vitest";
import { fileTime, beijingMs, dateText, dateTimeText, dayOf, doubtText, endsOfDay, shiftDay, spanText } from "./time";

const TUESDAY = Date.UTC(2026, 10, 24, 1, 12); // 09:12 in Beijing

describe("dates", () => {
  test("read as people of the county write them, in Beijing time", () => {
    expect(dateTimeText(TUESDAY, "zh", TUESDAY)).toBe("11月24日 周二 09:12");
    expect(dateTimeText(TUESDAY, "en", TUESDAY)).toBe("Tue 24 Nov 09:12");
  });

  test("name the year where it is another one, as after a clock that was wrong for years", () => {
    const then = Date.UTC(2023, 10, 24, 1, 12);
    expect(dateText(then, "zh", TUESDAY)).toBe("2023年11月24日 周五");
    expect(dateText(then, "en", TUESDAY)).toBe("Fri 24 Nov 2023");
  });

  test("an evening in London is the next day in Beijing", () => {
    expect(dayOf(Date.UTC(2026, 10, 24, 16, 30))).toBe("2026-11-25");
    expect(dateTimeText(Date.UTC(2026, 10, 24, 16, 5), "zh", TUESDAY)).toBe("11月25日 周三 00:05");
  });

  test("days step over the end of a month and of a year", () => {
    expect(shiftDay("2026-11-30", 1)).toBe("2026-12-01");
    expect(shiftDay("2027-01-01", -1)).toBe("2026-12-31");
  });
});

test("a time typed into a form is Beijing time wherever the browser stands", () => {
  expect(beijingMs("2026-11-24T09:12")).toBe(TUESDAY);
});

test("ends of days to choose from leave out the one that is over", () => {
  expect(endsOfDay(TUESDAY, [0, 1]).map((ms) => dateTimeText(ms, "zh", TUESDAY))).toEqual([
    "11月24日 周二 18:00",
    "11月25日 周三 18:00",
  ]);
  expect(endsOfDay(beijingMs("2026-11-24T18:30"), [0, 1])).toEqual([beijingMs("2026-11-25T18:00")]);
});

describe("spans and doubts", () => {
  test("use the largest unit that still says something", () => {
    expect(spanText(14 * 60_000, "zh")).toBe("14 分钟");
    expect(spanText(20_000, "zh")).toBe("1 分钟");
    expect(spanText(26 * 3_600_000, "en")).toBe("26 h");
    expect(spanText(3 * 86_400_000, "zh")).toBe("3 天");
    expect(spanText(3 * 365.25 * 86_400_000, "zh")).toBe("3 年");
  });

  test("a checked time carries no mark, an unchecked one says ±", () => {
    expect(doubtText({ ms: 0, quality: "same_boot" }, "zh")).toBe("");
    expect(doubtText({ ms: 0, quality: "gnss" }, "zh")).toBe("");
    expect(doubtText({ ms: 0, quality: "wall" }, "zh")).toBe("±");
    expect(doubtText({ ms: 0, quality: "clamped", within_ms: 45 * 60_000 }, "zh")).toBe("± 45 分钟");
  });
});

test("the name of a file has the day and time of the county, and nothing that a file system refuses", () => {
  expect(fileTime(Date.UTC(2026, 10, 23, 16, 5))).toBe("2026-11-24-0005");
});
