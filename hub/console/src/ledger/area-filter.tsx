// The two filters that several desks share: where, and whose work.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api, type Shapes } from "../api/client";
import { Choice, type Option } from "../frame/choice";
import { useTexts } from "../i18n/texts";

interface Props {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

export function useAreas() {
  return useQuery({
    queryKey: ["areas"],
    queryFn: () => answer(api.GET("/api/areas")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Names repeat between towns, so each row carries the name above it and is chosen by its code. */
export function areaOptions({ areas, grids }: Shapes["Areas"]): Option[] {
  const names = new Map(areas.map((area) => [area.code, area.name]));
  return [
    ...areas.map((area) => ({
      value: area.code,
      label: area.name,
      hint: names.get(area.code.slice(0, -3)) ?? area.code,
    })),
    ...grids.map((grid) => ({ value: grid.code, label: `${grid.village} ${grid.name}`, hint: grid.town })),
  ];
}

export function AreaFilter({ value, onChange }: Props) {
  const { t } = useTexts();
  const areas = useAreas().data;
  const options = useMemo(() => (areas ? areaOptions(areas) : []), [areas]);
  return (
    <Choice label={t("filter-area")} all={t("filter-area-all")} options={options} value={value} onChange={onChange} />
  );
}

export function usePeople() {
  return useQuery({
    queryKey: ["people", "all"],
    queryFn: () => answer(api.GET("/api/people", { params: { query: { limit: 200 } } })),
    staleTime: 60_000,
  });
}

export function MemberFilter({ value, onChange }: Props) {
  const { t } = useTexts();
  const people = usePeople().data;
  const options = useMemo(() => (people?.items ?? []).map(({ id, label }) => ({ value: id, label })), [people]);
  return (
    <Choice
      label={t("filter-member")}
      all={t("filter-member-all")}
      options={options}
      value={value}
      onChange={onChange}
    />
  );
}
