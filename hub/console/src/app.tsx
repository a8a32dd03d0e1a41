// Who is asking, then which desk. Without a session there is only the log-in; the address is kept for afterwards.
import { CSPProvider } from "@base-ui/react/csp-provider";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Route, Switch } from "wouter";
import { answer, api, ProblemError, type Shapes } from "./api/client";
import css from "./app.module.css";
import { CasesDesk } from "./desks/cases";
import { ConflictsDesk } from "./desks/conflicts";
import { CoverageDesk } from "./desks/coverage";
import { GridsDesk } from "./desks/grids/page";
import { HeldDesk } from "./desks/held";
import { LogIn } from "./desks/login";
import { PatrolPage } from "./desks/patrol/page";
import { PatrolsDesk } from "./desks/patrols";
import { PeopleDesk } from "./desks/people";
import { PlacesDesk } from "./desks/places";
import { TodayDesk } from "./desks/today";
import { VerifyDesk } from "./desks/verify";
import { Empty, Trouble } from "./frame/parts";
import { Shell } from "./frame/shell";
import { Texts, useTexts } from "./i18n/texts";

/** A session that ended while the page was open shows the log-in. */
function onError(error: unknown) {
  if (error instanceof ProblemError && error.problem.status === 401) queries.setQueryData(["session"], null);
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ProblemError && error.problem.status < 500),
    },
  },
});

export function App() {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <Texts>
          <Gate />
        </Texts>
      </QueryClientProvider>
    </CSPProvider>
  );
}

function Gate() {
  const known = useRef<Shapes["SessionInfo"]>(undefined);
  const session = useQuery({
    queryKey: ["session"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      answer(api.GET("/api/session")).catch((error: unknown) => {
        if (error instanceof ProblemError && error.problem.status === 401) return null;
        throw error;
      }),
  });
  if (session.error) return <Trouble error={session.error} again={() => void session.refetch()} />;
  if (session.data) known.current = session.data;
  if (session.data === undefined) return null;
  if (!known.current) return <LogIn />;
  // A session that ended leaves the page, and what was typed on it, where it is: the log-in lies over it.
  return (
    <>
      <Shell session={known.current}>
        <Desks />
      </Shell>
      {session.data === null && <LogInAgain />}
    </>
  );
}

function LogInAgain() {
  const over = useRef<HTMLDialogElement>(null);
  useEffect(() => over.current?.showModal(), []);
  return (
    <dialog ref={over} className={css.over} onCancel={(event) => event.preventDefault()}>
      <LogIn ended />
    </dialog>
  );
}

function Desks() {
  const { t } = useTexts();
  return (
    <Switch>
      <Route path="/" component={TodayDesk} />
      <Route path="/patrols" component={PatrolsDesk} />
      <Route path="/patrols/:id">{({ id }) => <PatrolPage key={id} id={id} />}</Route>
      <Route path="/cases/:id?">{({ id }) => <CasesDesk id={id} />}</Route>
      <Route path="/conflicts/:id?">{({ id }) => <ConflictsDesk id={id} />}</Route>
      <Route path="/held/:dot?">{({ dot }) => <HeldDesk dot={dot} />}</Route>
      <Route path="/places" component={PlacesDesk} />
      <Route path="/coverage" component={CoverageDesk} />
      <Route path="/verify" component={VerifyDesk} />
      <Route path="/grids" component={GridsDesk} />
      <Route path="/people" component={PeopleDesk} />
      <Route>
        <Empty>{t("no-such-page")}</Empty>
      </Route>
    </Switch>
  );
}
