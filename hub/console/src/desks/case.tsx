// One case: where it stands and who holds it, what can be done now, its fields, and the story of every write.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { useKeys } from "../frame/keys";
import { Button, GridName, HubTime, Sign, Trouble, When } from "../frame/parts";
import { valueText } from "../format/value";
import { useTexts } from "../i18n/texts";
import css from "./case.module.css";
import { DueText } from "./cases";
import { PhotoStrip } from "./patrol/photos";
import { PhotoView } from "./patrol/photo-view";
import { StepDialog } from "./step-dialog";
import { Timeline } from "./timeline";

type Case = Shapes["Case"];

/** Nobody holds a case any more. */
const ENDED = ["closed", "rated", "revisited", "merged", "declined"];

export function CaseDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const found = useQuery({
    queryKey: ["case", id],
    queryFn: () => answer(api.GET("/api/cases/{id}", { params: { path: { id } } })),
  });
  useKeys({ Escape: onClose });
  if (found.error) return <Trouble error={found.error} again={() => void found.refetch()} />;
  return found.data ? <OneCase value={found.data} onClose={onClose} /> : null;
}

function OneCase({ value, onClose }: { value: Case; onClose: () => void }) {
  const { summary } = value;
  const { id } = summary;
  const { t, one, lang } = useTexts();
  const [step, setStep] = useState<Shapes["AllowedStep"]>();
  const [photo, setPhoto] = useState<number>();
  const [written, setWritten] = useState<Shapes["Written"]>();
  useKeys(Object.fromEntries(value.allowed.slice(0, 9).map((each, at) => [String(at + 1), () => setStep(each)])));
  return (
    <article className={css.page}>
      <header className={css.head}>
        <h1 className={css.title}>{summary.title}</h1>
        <Button look="quiet" className="no-print" aria-label={t("close")} onClick={onClose}>
          ×
        </Button>
      </header>
      {value.deleted && (
        <p className={css.flag}>
          <Sign tone="warn">{t("case-deleted")}</Sign>
        </p>
      )}
      {summary.conflicts > 0 && (
        <p className={css.flag}>
          <Sign tone="warn" sign="≠">
            {t("case-conflicts", { count: summary.conflicts })}
          </Sign>{" "}
          <Link href={`/conflicts/${id}`}>{t("go-settle")}</Link>
        </p>
      )}
      <dl className={css.facts}>
        <Fact name={t("field-stage")} strong>
          {one("stage", summary.stage)}
        </Fact>
        <Fact name={t("field-holder")} strong>
          {summary.holder?.label ?? t(ENDED.includes(summary.stage) ? "holder-none" : "holder-not-yet")}
        </Fact>
        <Fact name={t("field-due")}>{summary.due ? <DueText due={summary.due} lang={lang} /> : "–"}</Fact>
        <Fact name={t("field-round")}>{summary.round}</Fact>
        <Fact name={t("grid")}>
          <GridName grid={summary.grid} code />
        </Fact>
        <Fact name={t("reporter")}>{summary.reporter.label}</Fact>
        <Fact name={t("found-at")}>
          <When at={summary.found} full />
        </Fact>
        <Fact name={t("received-at")}>
          <HubTime ms={summary.received_ms} />
        </Fact>
      </dl>
      {written && <WrittenNote written={written} entity={id} />}
      {value.allowed.length > 0 && (
        <div className={`${css.steps} no-print`} role="group" aria-label={t("steps")}>
          {value.allowed.map((each, at) => (
            <Button
              key={each.to}
              look={at === 0 ? "main" : "plain"}
              keyHint={String(at + 1)}
              onClick={() => setStep(each)}
            >
              {one("do", each.to)}
            </Button>
          ))}
        </div>
      )}
      <Fields value={value} onWritten={setWritten} />
      {value.photos.length > 0 && (
        <div className={css.photos}>
          <PhotoStrip photos={value.photos} onOpen={setPhoto} />
        </div>
      )}
      <h2 className={css.section}>{t("timeline")}</h2>
      <Timeline entries={value.timeline} />
      <PhotoView photos={value.photos} number={photo} onNumber={setPhoto} />
      {step && (
        <StepDialog key={step.to} value={value} step={step} onWritten={setWritten} onClose={() => setStep(undefined)} />
      )}
    </article>
  );
}

function Fact({ name, strong, children }: { name: string; strong?: boolean; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={strong ? css.strong : undefined}>{children}</dd>
    </div>
  );
}

/** How a write was taken, when that was not simply "accepted". */
function WrittenNote({ written, entity }: { written: Shapes["Written"]; entity: string }) {
  const { t, say } = useTexts();
  if (written.conflicts > 0)
    return (
      <p role="status" className={css.flag}>
        {t("written-conflict")} <Link href={`/conflicts/${entity}`}>{t("go-settle")}</Link>
      </p>
    );
  if (written.verdict === "accepted")
    return (
      <p role="status" className={css.flag}>
        <Sign tone="good">{t("written")}</Sign>
      </p>
    );
  return (
    <p role="status" className={css.flag}>
      {written.reason && say(written.reason)}
    </p>
  );
}

function Fields({ value, onWritten }: { value: Case; onWritten: (written: Shapes["Written"]) => void }) {
  const { t, one, list } = useTexts();
  const isBlank = (field: Field) => field.value.type === "empty" && field.values < 2;
  const blank = value.fields.filter((field) => isBlank(field) && field.form.type === "fixed");
  return (
    <section>
      <h2 className={css.section}>{t("fields")}</h2>
      <table className={css.fields}>
        <tbody>
          {value.fields
            .filter((field) => !blank.includes(field))
            .map((field) => (
              <FieldRow key={field.field} entity={value.summary.id} field={field} onWritten={onWritten} />
            ))}
          {blank.length > 0 && (
            <tr>
              <th scope="row">{t("fields-blank")}</th>
              <td>{list(blank.map(({ field }) => one("field", field)))}</td>
              <td className="no-print" />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

type Field = Shapes["CaseField"];

interface FieldProps {
  entity: string;
  field: Field;
  onWritten: (written: Shapes["Written"]) => void;
}

function draftOf(value: Shapes["FieldValue"]): string {
  if (value.type === "text") return value.text;
  return value.type === "choice" ? value.message : "";
}

/** Emptying a field is a write too. */
function written(form: Shapes["FieldForm"], draft: string): Shapes["FieldValue"] {
  if (draft.trim() === "") return { type: "empty" };
  return form.type === "choice" ? { type: "choice", message: draft } : { type: "text", text: draft };
}

function FieldRow({ entity, field, onWritten }: FieldProps) {
  const say = useTexts();
  const { t, one } = say;
  const [draft, setDraft] = useState<string>();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (value: Shapes["FieldValue"]) =>
      answer(
        api.POST("/api/records/{id}/set", {
          params: { path: { id: entity } },
          body: { field: field.field, seen: field.dot ? [field.dot] : [], value },
        }),
      ),
    onSuccess: (written) => {
      setDraft(undefined);
      onWritten(written);
      void queries.invalidateQueries();
    },
  });
  const { form } = field;
  const open = form.type !== "fixed" && field.values < 2;
  const label = one("field", field.field);
  return (
    <tr>
      <th scope="row">{label}</th>
      <td>
        {draft === undefined ? (
          <span className={css.value}>{valueText(field.value, say)}</span>
        ) : (
          <form
            className={css.edit}
            onSubmit={(event) => {
              event.preventDefault();
              save.mutate(written(form, draft));
            }}
          >
            {form.type === "choice" ? (
              <Choice
                label={label}
                options={form.options.map((option) => ({ value: option, label: t(option) }))}
                value={draft || undefined}
                onChange={(chosen) => setDraft(chosen ?? "")}
              />
            ) : (
              <textarea aria-label={label} autoFocus value={draft} onChange={(event) => setDraft(event.target.value)} />
            )}
            <Button type="submit" look="main" disabled={save.isPending}>
              {t("save")}
            </Button>
            <Button onClick={() => setDraft(undefined)}>{t("cancel")}</Button>
          </form>
        )}
        {save.error && <Trouble error={save.error} />}
        {field.values > 1 && (
          <Link href={`/conflicts/${entity}`} className={css.differs}>
            <Sign tone="warn" sign="≠">
              {t("values-differ", { count: field.values })}
            </Sign>
          </Link>
        )}
      </td>
      <td className="no-print">
        {open && draft === undefined && (
          <Button
            look="quiet"
            aria-label={t("edit-field", { field: label })}
            onClick={() => setDraft(draftOf(field.value))}
          >
            {t("edit")}
          </Button>
        )}
      </td>
    </tr>
  );
}
