// The file goes to the hub with what only its maker knows, and comes back checked, or repaired.
import { answer, api, fileBody } from "../../api/client";
import type { paths } from "../../api/schema";
import { Trouble } from "../../frame/parts";
import { useTexts } from "../../i18n/texts";

export type GridQuery = paths["/api/grids/check"]["post"]["parameters"]["query"];

export interface Asked {
  file: File;
  query: GridQuery;
}

/** A file whose bytes are no longer those that were chosen cannot be read any more. */
class FileChanged extends Error {}

function bytesOf(file: File): Promise<ArrayBuffer> {
  return file.arrayBuffer().catch(() => {
    throw new FileChanged();
  });
}

export async function check({ file, query }: Asked) {
  const bytes = await bytesOf(file);
  return answer(api.POST("/api/grids/check", { params: { query }, ...fileBody(bytes) }));
}

export async function repaired({ file, query }: Asked): Promise<Blob> {
  const bytes = await bytesOf(file);
  return answer<Blob>(api.POST("/api/grids/repaired", { params: { query }, ...fileBody(bytes), parseAs: "blob" }));
}

export function Failed({ error }: { error: Error }) {
  const { t } = useTexts();
  if (error instanceof FileChanged) return <p role="alert">{t("grids-file-changed")}</p>;
  return <Trouble error={error} />;
}
