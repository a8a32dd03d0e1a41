// Taking a step: to whom, and why where the step wants a reason. The page's stage goes along, so that a page
// which is behind is told so instead of overwriting.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { Dialog } from "../frame/dialog";
import form from "../frame/form.module.css";
import { Button, Trouble } from "../frame/parts";
import { useTexts } from "../i18n/texts";

interface Props {
  value: Shapes["Case"];
  step: Shapes["AllowedStep"];
  onWritten: (written: Shapes["Written"]) => void;
  onClose: () => void;
}

export function StepDialog({ value, step, onWritten, onClose }: Props) {
  const { t, one } = useTexts();
  const [holder, setHolder] = useState<string>();
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const take = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/cases/{id}/transition", {
          params: { path: { id: value.summary.id } },
          body: { to: step.to, seen: value.stage_dot, holder: holder ?? null, reason: reason.trim() || null },
        }),
      ),
    onSuccess: (written) => {
      onWritten(written);
      void queries.invalidateQueries();
      onClose();
    },
  });
  const ready = (step.holders.length === 0 || holder !== undefined) && (!step.needs_reason || reason.trim() !== "");
  return (
    <Dialog title={one("do", step.to)} open onClose={onClose}>
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) take.mutate();
        }}
      >
        <p>{value.summary.title}</p>
        <p className={form.hint}>
          {t("step-from-to", { from: one("stage", value.summary.stage), to: one("stage", step.to) })}
        </p>
        {step.holders.length > 0 && (
          <div className={form.field}>
            <span className={form.label}>{t("field-holder")}</span>
            <Choice
              wide
              label={t("choose-holder")}
              options={step.holders.map(({ id, label }) => ({ value: id, label }))}
              value={holder}
              onChange={setHolder}
            />
          </div>
        )}
        <label className={form.field}>
          <span className={form.label}>{step.needs_reason ? t("field-reason") : t("reason-optional")}</span>
          <textarea
            className={form.input}
            value={reason}
            required={step.needs_reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {take.error && <Trouble error={take.error} />}
        <div className={form.actions}>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" disabled={!ready || take.isPending}>
            {one("do", step.to)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
