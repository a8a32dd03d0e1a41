// A photo that somebody sent, by a messenger or on a stick: what it is worth, beside the photo that it was compared with.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { answer, api, fileBody, type Shapes } from "../api/client";
import { Field } from "../frame/field";
import { FileDrop } from "../frame/file-drop";
import { Button, Sign, type Tone, Trouble } from "../frame/parts";
import { useTexts } from "../i18n/texts";
import { Facts } from "./patrol/photo-view";
import { Picture } from "./patrol/photos";
import css from "./verify.module.css";

type Found = Shapes["PhotoVerdict"];
const NO_FILE = new ArrayBuffer(0);

/** Only the original with a good signature is good; nothing is called false. */
const TONES: Record<Shapes["VerdictName"], Tone> = {
  intact: "good",
  unsigned: "warn",
  recompressed: "warn",
  looks_like: "warn",
  code_only: "warn",
  unknown_signer: "warn",
  bad_signature: "bad",
  unrelated: "calm",
};

export function VerifyDesk() {
  const { t } = useTexts();
  const [file, setFile] = useState<File>();
  const [code, setCode] = useState("");
  const check = useMutation({
    mutationFn: (asked: { file: File | undefined; code: string }) =>
      answer(
        api.POST("/api/photos/verify", {
          params: { query: asked.code.trim() ? { code: asked.code.trim() } : {} },
          ...fileBody(asked.file ?? NO_FILE),
        }),
      ),
  });
  const take = (chosen: File) => {
    setFile(chosen);
    check.mutate({ file: chosen, code });
  };
  return (
    <div className={css.page}>
      <h1>{t("desk-verify")}</h1>
      <p className={css.soft}>{t("verify-what")}</p>
      <div className={css.drop}>
        <FileDrop text={t("verify-drop")} choose={t("verify-choose")} accept="image/*" onFile={take} />
      </div>
      <div className={css.code}>
        <Field
          label={t("verify-code")}
          hint={t("verify-code-hint")}
          autoComplete="off"
          spellCheck={false}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          onKeyDown={({ key }) => key === "Enter" && code.trim() && check.mutate({ file, code })}
        />
        {code.trim() && (
          <Button onClick={() => check.mutate({ file, code })}>{t(file ? "verify-again" : "verify-code-alone")}</Button>
        )}
      </div>
      <div role="status" className={css.answer}>
        {check.isPending && <p>{t("verify-working")}</p>}
        {check.error && <Trouble error={check.error} />}
        {check.data && <Verdict found={check.data} file={check.variables?.file} />}
      </div>
    </div>
  );
}

interface VerdictProps {
  found: Found;
  /** None where there is only a print with its code. */
  file: File | undefined;
}

function Verdict({ found: { verdict, text, photo, patrol }, file }: VerdictProps) {
  const { t, say } = useTexts();
  return (
    <>
      <p className={css.verdict}>
        <Sign tone={TONES[verdict]}>{say(text)}</Sign>
      </p>
      <div className={css.pair}>
        {file && (
          <figure>
            <Shown file={file} />
            <figcaption>{t("verify-shown")}</figcaption>
          </figure>
        )}
        {photo && (
          <figure>
            <Picture photo={photo} size="preview" />
            <figcaption>{t("verify-known")}</figcaption>
          </figure>
        )}
        {photo && (
          <div>
            <Facts photo={photo} />
            {patrol && <Link href={`/patrols/${patrol.id}`}>{t("verify-open-patrol")}</Link>}
          </div>
        )}
      </div>
    </>
  );
}

const LONG_SIDE = 900;

/** Drawn on a canvas: the policy lets no picture come from an address that this page makes up. */
function Shown({ file }: { file: File }) {
  const { t } = useTexts();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    let gone = false;
    setBroken(false);
    createImageBitmap(file)
      .then((image) => {
        const [on, pen] = [canvas.current, canvas.current?.getContext("2d")];
        if (!gone && on && pen) {
          const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
          [on.width, on.height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
          pen.drawImage(image, 0, 0, on.width, on.height);
        }
        image.close();
      })
      .catch(() => setBroken(!gone));
    return () => {
      gone = true;
    };
  }, [file]);
  if (broken) return <p className={css.soft}>{t("verify-no-picture")}</p>;
  return <canvas ref={canvas} role="img" aria-label={t("verify-shown")} />;
}
