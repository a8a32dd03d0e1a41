// Marks the words in which two texts differ, so that two values can be read side by side.
import { diffWordsWithSpace } from "diff";

export interface Run {
  text: string;
  /** Not in the other text. */
  differs: boolean;
}

const SEGMENTERS = {
  zh: new Intl.Segmenter("zh", { granularity: "word" }),
  en: new Intl.Segmenter("en", { granularity: "word" }),
};

/** `text` in runs; those that `other` does not have are marked. */
export function marked(text: string, other: string): Run[] {
  // Chinese has no spaces between its words: without a segmenter a whole sentence would be one word.
  const chinese = /\p{Script=Han}/u.test(text + other);
  const parts = diffWordsWithSpace(other, text, { intlSegmenter: chinese ? SEGMENTERS.zh : SEGMENTERS.en });
  return parts.filter((part) => !part.removed).map((part) => ({ text: part.value, differs: part.added === true }));
}

/** Both texts as one draft to work on: the second under the first, once if they are equal. */
export function together(texts: string[]): string {
  return [...new Set(texts.map((text) => text.trim()).filter(Boolean))].join("\n");
}
