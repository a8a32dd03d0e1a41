// Logging in. A wrong password keeps the name that was typed.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, ProblemError } from "../api/client";
import { Field } from "../frame/field";
import form from "../frame/form.module.css";
import { Button } from "../frame/parts";
import { useTexts } from "../i18n/texts";
import css from "./login.module.css";

/** `ended`: a session was open and is over. */
export function LogIn({ ended }: { ended?: boolean }) {
  const { t, say, lang, setLang } = useTexts();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const queries = useQueryClient();
  const logIn = useMutation({
    mutationFn: () => answer(api.POST("/api/session", { body: { name, password } })),
    onSuccess: (session) => {
      queries.setQueryData(["session"], session);
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
    onError: () => setPassword(""),
  });
  const problem = logIn.error instanceof ProblemError ? logIn.error.problem : undefined;
  return (
    <main className={css.page}>
      <form
        className={`${form.form} ${css.card}`}
        onSubmit={(event) => {
          event.preventDefault();
          logIn.mutate();
        }}
      >
        <header>
          <h1 className={css.brand}>{t("app-name")}</h1>
          <p className={form.hint}>{t(ended ? "error-login-ended" : "login-what")}</p>
        </header>
        <Field
          label={t("login-name")}
          name="name"
          autoComplete="username"
          autoFocus
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("login-password")}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {problem && (
          <p role="alert" className={css.wrong}>
            {say({ zh: problem.text_zh, en: problem.text_en })}
          </p>
        )}
        <Button look="main" type="submit" disabled={logIn.isPending}>
          {t("login-enter")}
        </Button>
        <button
          type="button"
          className={css.lang}
          lang={lang === "zh" ? "en" : "zh-CN"}
          onClick={() => setLang(lang === "zh" ? "en" : "zh")}
        >
          {t("other-language")}
        </button>
      </form>
    </main>
  );
}
