// Members with their last sync, and the one-time code that enrols a phone. No counts, no totals.
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { answer, api, type Shapes } from "../api/client";
import { useKeys } from "../frame/keys";
import { Button, HubTime, Sign } from "../frame/parts";
import { type Say, useTexts } from "../i18n/texts";
import { Ledger } from "../ledger/ledger";
import { usePages } from "../ledger/pages";
import { Desk } from "./desk";
import { EnrolDialog } from "./enrol-dialog";

type Person = Shapes["Person"];
const LATE_MS = 2 * 86_400_000;

export function PeopleDesk() {
  const say = useTexts();
  const { t } = say;
  const [enrolling, setEnrolling] = useState(false);
  const pages = usePages(["people"], (cursor) =>
    answer(api.GET("/api/people", { params: { query: cursor ? { cursor } : {} } })),
  );
  const columns = useMemo(() => columnsOf(say), [say]);
  useKeys({ "1": () => setEnrolling(true) });
  return (
    <>
      <Desk
        title={t("desk-people")}
        note={t("people-note")}
        filters={
          <Button look="main" keyHint="1" onClick={() => setEnrolling(true)}>
            {t("enrol")}
          </Button>
        }
        list={
          <Ledger
            name={t("desk-people")}
            pages={pages}
            columns={columns}
            id={(row) => row.id}
            empty={t("people-none")}
          />
        }
      />
      {enrolling && <EnrolDialog onClose={() => setEnrolling(false)} />}
    </>
  );
}

function columnsOf({ t, one, list }: Say): ColumnDef<Person>[] {
  return [
    { id: "label", header: t("member"), meta: { width: 190 }, cell: ({ row }) => row.original.label },
    { id: "role", header: t("role"), meta: { width: 110 }, cell: ({ row }) => one("role", row.original.role) },
    {
      id: "areas",
      header: t("areas"),
      meta: { least: 1000 },
      cell: ({ row }) => list(row.original.areas.map(({ name }) => name)),
    },
    {
      id: "phones",
      header: t("phones"),
      meta: { width: 96, number: true },
      cell: ({ row }) => row.original.phones || "–",
    },
    { id: "sync", header: t("last-sync"), meta: { width: 190 }, cell: ({ row }) => <LastSync person={row.original} /> },
    {
      id: "code",
      header: t("code-until"),
      cell: ({ row }) =>
        typeof row.original.code_expires_ms === "number" ? <HubTime ms={row.original.code_expires_ms} /> : "",
    },
  ];
}

function LastSync({ person }: { person: Person }) {
  const { t } = useTexts();
  const last = person.last_sync_ms;
  if (typeof last !== "number") return <>{t(person.phones > 0 ? "not-synced-yet" : "no-phone-yet")}</>;
  return Date.now() - last > LATE_MS ? (
    <Sign tone="warn">
      <HubTime ms={last} />
    </Sign>
  ) : (
    <HubTime ms={last} />
  );
}
