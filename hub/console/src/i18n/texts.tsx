// Texts by message id. The shared files of the core come first; the console adds only what no phone shows.
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { LocalizationProvider, ReactLocalization, useLocalization } from "@fluent/react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import coreEn from "../../../../core/model/messages/en.ftl?raw";
import coreZh from "../../../../core/model/messages/zh.ftl?raw";
import ownEn from "./en.ftl?raw";
import ownZh from "./zh.ftl?raw";

export type Lang = "zh" | "en";

const SOURCES = { zh: [coreZh, ownZh], en: [coreEn, ownEn] } as const;
const TAGS = { zh: "zh-CN", en: "en-GB" } as const;
const KEPT_AS = "gridpatrol.lang";

function bundle(lang: Lang): FluentBundle {
  const made = new FluentBundle(TAGS[lang], { useIsolating: false });
  for (const source of SOURCES[lang]) {
    const errors = made.addResource(new FluentResource(source));
    if (errors[0]) throw errors[0];
  }
  return made;
}

const LangContext = createContext<{ lang: Lang; setLang: (lang: Lang) => void }>({
  lang: "zh",
  setLang: () => undefined,
});

export function Texts({ children }: { children: ReactNode }) {
  const [lang, setLang] = useState<Lang>(() => (localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh"));
  const l10n = useMemo(() => new ReactLocalization([bundle(lang)], null), [lang]);
  useEffect(() => {
    localStorage.setItem(KEPT_AS, lang);
    document.documentElement.lang = TAGS[lang];
    document.title = l10n.getString("app-name");
  }, [lang, l10n]);
  const context = useMemo(() => ({ lang, setLang }), [lang]);
  return (
    <LangContext value={context}>
      <LocalizationProvider l10n={l10n}>{children}</LocalizationProvider>
    </LangContext>
  );
}

export interface Say {
  lang: Lang;
  setLang: (lang: Lang) => void;
  /** The text of a message id. */
  t: (id: string, args?: Record<string, FluentVariable>) => string;
  /** The text of one of a family of ids: `one("stage", "self_handled")` is `stage-self-handled`. An unknown
   * code, from a newer hub, stands for itself. */
  one: (family: string, code: string) => string;
  /** Several things in a row. */
  list: (items: string[]) => string;
  /** A text that the hub wrote out in both languages. */
  say: (text: { zh: string; en: string }) => string;
}

export function useTexts(): Say {
  const { l10n } = useLocalization();
  const { lang, setLang } = useContext(LangContext);
  return useMemo(
    () => ({
      lang,
      setLang,
      t: (id, args) => l10n.getString(id, args ?? null),
      one: (family, code) => {
        const id = `${family}-${code.replaceAll("_", "-")}`;
        return l10n.getBundle(id) ? l10n.getString(id) : code;
      },
      list: (items) => items.join(l10n.getString("list-comma")),
      say: (text) => text[lang],
    }),
    [l10n, lang, setLang],
  );
}
