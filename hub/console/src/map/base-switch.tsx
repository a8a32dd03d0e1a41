// Which picture lies under the grids and how strong, and whose it is.
import { useTexts } from "../i18n/texts";
import type { BaseMaps } from "./base-maps";
import css from "./base-switch.module.css";

export function BaseSwitch({ maps, shown, strength, setStrength, choose }: BaseMaps) {
  const { t } = useTexts();
  if (!shown) return null;
  return (
    <div className={css.base}>
      {strength > 0 && shown.attribution && <p>{shown.attribution}</p>}
      <div className={`${css.choice} no-print`}>
        {maps.length > 1 &&
          maps.map((map) => (
            <button key={map.number} type="button" aria-pressed={map === shown} onClick={() => choose(map)}>
              {map.name}
            </button>
          ))}
        <label>
          {t("map-base")}
          <input
            type="range"
            min={0}
            max={100}
            step={10}
            value={Math.round(strength * 100)}
            aria-valuetext={strength > 0 ? `${Math.round(strength * 100)} %` : t("map-base-off")}
            onChange={({ currentTarget }) => setStrength(Number(currentTarget.value) / 100)}
          />
        </label>
      </div>
    </div>
  );
}
