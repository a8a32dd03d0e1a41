// Keyset pages of a list: the next one is fetched by the cursor of the last, and what is shown stays shown.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

interface PageOf<T> {
  items: T[];
  next?: string | null;
}

export interface Pages<T> {
  rows: T[] | undefined;
  error: unknown;
  more: boolean;
  loadMore: () => void;
  again: () => void;
}

export function usePages<T>(
  key: readonly unknown[],
  fetchPage: (cursor: string | undefined) => Promise<PageOf<T>>,
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    error: query.error,
    more: query.hasNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    again: () => void query.refetch(),
  };
}
