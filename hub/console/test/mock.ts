// Answers /api from synthetic records while the console is being looked at. It keeps what is decided until it stops.
import type { IncomingMessage, ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { answerFor, type Asked } from "./fixtures/answers.ts";

const POLICY = readFileSync(new URL("../csp.txt", import.meta.url), "utf8").trim();

export function mockApi(): Plugin {
  return {
    name: "gridpatrol-mock-api",
    configureServer: (server) => void server.middlewares.use("/api", handle),
    configurePreviewServer: (server) => {
      server.middlewares.use((_, response, next) => {
        response.setHeader("content-security-policy", POLICY);
        next();
      });
      server.middlewares.use("/api", handle);
    },
  };
}

async function handle(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://mock");
  const asked: Asked = {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    body: await bodyOf(request),
    loggedIn: request.headers.cookie?.includes("gridpatrol_session=1") ?? false,
  };
  const { status, body, type = "application/json", cookie } = answerFor(asked);
  response.statusCode = status;
  response.setHeader("content-type", type);
  if (cookie) response.setHeader("set-cookie", cookie);
  response.end(
    typeof body === "string" || body instanceof Uint8Array
      ? body
      : body === undefined
        ? undefined
        : JSON.stringify(body),
  );
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const text = Buffer.concat(chunks).toString("utf8");
  return text && request.headers["content-type"]?.includes("json") ? JSON.parse(text) : undefined;
}
