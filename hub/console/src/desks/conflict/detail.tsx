// One record's open questions, one after the other; each is settled in two clicks.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api, type Shapes } from "../../api/client";
import { useKeys } from "../../frame/keys";
import { Button, GridName, Sign, Trouble } from "../../frame/parts";
import { useTexts } from "../../i18n/texts";
import { DeletionQuestion } from "./deletion";
import css from "./detail.module.css";
import { FieldQuestion } from "./field";

export type Decide = (decision: Shapes["Decision"]) => void;

export function ConflictDetail({ entity, onNext }: { entity: string; onNext: (next: string | undefined) => void }) {
  const { t, one } = useTexts();
  const queries = useQueryClient();
  const [said, setSaid] = useState<string>();
  const found = useQuery({
    queryKey: ["conflict", entity],
    queryFn: () => answer(api.GET("/api/conflicts/{entity}", { params: { path: { entity } } })),
  });
  useKeys({ Escape: () => onNext(undefined) });
  const settle = useMutation({
    mutationFn: (body: Shapes["Settle"]) =>
      answer(api.POST("/api/conflicts/{entity}/settle", { params: { path: { entity } }, body })),
    onSuccess: async ({ open }) => {
      setSaid(open > 0 ? t("settled-open", { count: open }) : t("settled"));
      await queries.invalidateQueries();
    },
  });
  const next = useQuery({
    queryKey: ["conflicts", "next", entity],
    enabled: found.data?.questions.length === 0,
    queryFn: () => answer(api.GET("/api/conflicts", { params: { query: { limit: 2 } } })),
  }).data?.items.find(({ record }) => record.id !== entity);

  if (found.error) return <Trouble error={found.error} again={() => void found.refetch()} />;
  const conflict = found.data;
  if (!conflict) return null;
  const question = conflict.questions[0];
  return (
    <article className={css.page}>
      <header className={css.head}>
        <div>
          <h1 className={css.title}>{conflict.record.title}</h1>
          <p className={css.where}>
            {one("kind", conflict.record.kind)} · <GridName grid={conflict.grid} code />
            {conflict.record.kind === "case" && (
              <>
                {" · "}
                <Link href={`/cases/${entity}`}>{t("open-case")}</Link>
              </>
            )}
          </p>
        </div>
        <Button look="quiet" aria-label={t("close")} onClick={() => onNext(undefined)}>
          ×
        </Button>
      </header>
      <p role="status" className={css.said}>
        {said && <Sign tone="good">{said}</Sign>}
      </p>
      {settle.error && <Trouble error={settle.error} again={() => void found.refetch()} />}
      {question ? (
        <>
          {conflict.questions.length > 1 && (
            <p className={css.left}>{t("questions-left", { count: conflict.questions.length })}</p>
          )}
          <OneQuestion
            key={question.seen.join()}
            question={question}
            busy={settle.isPending}
            onSettle={settle.mutate}
          />
        </>
      ) : (
        <div className={css.done}>
          <p>{t("conflict-done")}</p>
          {next && (
            <Button look="main" onClick={() => onNext(next.record.id)}>
              {t("next-conflict")}
            </Button>
          )}
        </div>
      )}
    </article>
  );
}

interface QuestionProps {
  question: Shapes["Question"];
  busy: boolean;
  onSettle: (settle: Shapes["Settle"]) => void;
}

function OneQuestion({ question, busy, onSettle }: QuestionProps) {
  const { seen } = question;
  if (question.type === "deletion")
    return <DeletionQuestion question={question} busy={busy} onDecide={(decision) => onSettle({ seen, decision })} />;
  const { field, item } = question;
  return (
    <FieldQuestion
      question={question}
      busy={busy}
      onDecide={(decision) => onSettle({ field, item: item ?? null, seen, decision })}
    />
  );
}
