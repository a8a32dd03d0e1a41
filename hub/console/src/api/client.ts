// The typed client. Paths, parameters and shapes come from openapi.json; nothing about them is written by hand.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];
export type Problem = Shapes["Problem"];
/** The filters that a list takes. */
export type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Filters } } }
  ? NonNullable<Filters>
  : never;

/** A failed request, with what the hub says happened and what to do next. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

export const api = createClient<paths>({ baseUrl: "/" });

/** A file as it is; the contract has no type for one. */
export function fileBody(file: Blob | ArrayBuffer) {
  return {
    headers: { "content-type": "application/octet-stream" },
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as Blob | ArrayBuffer,
  };
}

/** The data of an answer, or the problem that came instead. */
export async function answer<T>(
  asked: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<NonNullable<T>> {
  const got = await asked.catch(() => undefined);
  if (got?.data !== undefined && got.data !== null) return got.data;
  throw new ProblemError(isProblem(got?.error) ? got.error : unreachable(got?.response.status ?? 0));
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "next" in value;
}

/** No answer at all, or one that no hub gives: the network or a proxy is in the way. */
function unreachable(status: number): Problem {
  return {
    status,
    code: "error-hub-unreachable",
    text_zh: "现在连不上后台。已提交的内容都在，没有提交的还留在这一页上。",
    text_en: "The hub cannot be reached. What you sent is safe; what you typed is still on this page.",
    next: "retry",
  };
}
