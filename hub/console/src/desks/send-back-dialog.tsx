// Sending held work back: the words reach the author's phone as work to do, with a time if one is set.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { Dialog } from "../frame/dialog";
import form from "../frame/form.module.css";
import { Button, Trouble } from "../frame/parts";
import { dateTimeText, endsOfDay } from "../format/time";
import { useTexts } from "../i18n/texts";

const COMMON = ["send-back-place", "send-back-photo", "send-back-stage", "send-back-twice"] as const;

interface Props {
  item: Shapes["HeldItem"];
  onClose: () => void;
  onDone: () => void;
}

export function SendBackDialog({ item, onClose, onDone }: Props) {
  const { t, lang } = useTexts();
  const [reason, setReason] = useState("");
  const [due, setDue] = useState<string>();
  const [dues] = useState(() => endsOfDay(Date.now(), [0, 1, 3, 7]));
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/held/{dot}/send-back", {
          params: { path: { dot: item.dot } },
          body: { reason: reason.trim(), due_ms: due ? Number(due) : null },
        }),
      ),
    onSuccess: () => {
      void queries.invalidateQueries();
      onDone();
    },
  });
  return (
    <Dialog title={t("send-back-to", { member: item.author.label })} open onClose={onClose}>
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <label className={form.field}>
          <span className={form.label}>{t("send-back-reason")}</span>
          <textarea
            className={form.input}
            autoFocus
            required
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <div className={form.chips} role="group" aria-label={t("send-back-common")}>
          {COMMON.map((id) => (
            <Button key={id} onClick={() => setReason(t(id))}>
              {t(id)}
            </Button>
          ))}
        </div>
        <div className={form.field}>
          <span className={form.label}>{t("send-back-due")}</span>
          <Choice
            wide
            label={t("send-back-due")}
            all={t("send-back-no-due")}
            options={dues.map((ms) => ({ value: String(ms), label: dateTimeText(ms, lang) }))}
            value={due}
            onChange={setDue}
          />
        </div>
        <p className={form.hint}>{t("send-back-effect")}</p>
        {send.error && <Trouble error={send.error} />}
        <div className={form.actions}>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" disabled={reason.trim() === "" || send.isPending}>
            {t("send-back")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
