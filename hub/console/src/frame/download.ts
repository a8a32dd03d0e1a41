// A file of the hub's, fetched and then saved: what goes wrong is said on the page, where a plain link would leave the
// browser's own words for it.
import { useMutation } from "@tanstack/react-query";

interface Wanted {
  /** What it is called on this computer. */
  name: string;
  fetch: () => Promise<Blob>;
}

export function useDownload() {
  return useMutation({ mutationFn: async ({ name, fetch }: Wanted) => save(await fetch(), name) });
}

function save(file: Blob, name: string) {
  const address = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
