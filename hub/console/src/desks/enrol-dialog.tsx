// Issuing a one-time code. It is shown once, large, in groups that can be read aloud.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { answer, api, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { Dialog } from "../frame/dialog";
import { Field } from "../frame/field";
import { Qr } from "../frame/qr";
import form from "../frame/form.module.css";
import { Button, HubTime, Trouble } from "../frame/parts";
import { useTexts } from "../i18n/texts";
import { areaOptions, useAreas, usePeople } from "../ledger/area-filter";
import css from "./enrol-dialog.module.css";

const ROLES = ["member", "lead", "handler", "checker"] as const;

export function EnrolDialog({ onClose }: { onClose: () => void }) {
  const { t, one } = useTexts();
  const areas = useAreas().data;
  const people = usePeople().data;
  const [member, setMember] = useState("");
  const [role, setRole] = useState<string | undefined>("member");
  const [area, setArea] = useState<string>();
  const queries = useQueryClient();
  const options = useMemo(() => (areas ? areaOptions(areas) : []), [areas]);
  const known = people?.items.find(({ label }) => label === member.trim());
  const enrol = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/enrolments", {
          body: {
            member: known?.id ?? member.trim(),
            role: role ?? "member",
            areas: area ? [area] : (known?.areas.map(({ code }) => code) ?? []),
          },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["people"] }),
  });
  if (enrol.data) return <Code code={enrol.data} label={member} onClose={onClose} />;
  const ready = member.trim() !== "" && role !== undefined && (area !== undefined || known !== undefined);
  return (
    <Dialog title={t("enrol")} open onClose={onClose}>
      <form
        className={form.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) enrol.mutate();
        }}
      >
        <Field
          label={t("member")}
          hint={t(known ? "enrol-known" : "enrol-member-hint")}
          autoFocus
          required
          list="members"
          value={member}
          onChange={(event) => setMember(event.target.value)}
        >
          <datalist id="members">
            {people?.items.map(({ id, label }) => (
              <option key={id} value={label} />
            ))}
          </datalist>
        </Field>
        <div className={form.field}>
          <span className={form.label}>{t("role")}</span>
          <Choice
            wide
            label={t("role")}
            options={ROLES.map((each) => ({ value: each, label: one("role", each) }))}
            value={role}
            onChange={setRole}
          />
        </div>
        <div className={form.field}>
          <span className={form.label}>{t("areas")}</span>
          <Choice
            wide
            label={t("filter-area")}
            options={options}
            value={area ?? known?.areas[0]?.code}
            onChange={setArea}
          />
        </div>
        {enrol.error && <Trouble error={enrol.error} />}
        <div className={form.actions}>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" disabled={!ready || enrol.isPending}>
            {t("enrol-issue")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Code({ code, label, onClose }: { code: Shapes["EnrolmentCode"]; label: string; onClose: () => void }) {
  const { t } = useTexts();
  return (
    <Dialog title={t("enrol-for", { member: label })} open onClose={onClose}>
      <div className={form.form}>
        <p className={css.code}>{code.code}</p>
        <p>{t("enrol-once")}</p>
        <p className={form.hint}>
          {t("code-until")} <HubTime ms={code.expires_ms} />
        </p>
        <div className={css.qr}>
          <Qr text={code.link} label={t("enrol-scan")} />
        </div>
        <p className={form.hint}>{t("enrol-scan")}</p>
        <Field label={t("enrol-link")} readOnly value={code.link} onFocus={(event) => event.target.select()} />
        <div className={form.actions}>
          <Button look="main" onClick={onClose}>
            {t("done")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
