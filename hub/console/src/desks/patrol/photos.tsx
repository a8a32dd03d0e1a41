// Photos in walking order. One without a preview or a position says so and is still counted.
import type { Shapes } from "../../api/client";
import { dateTimeText, timeText } from "../../format/time";
import { useTexts } from "../../i18n/texts";
import type { Thing } from "../../map/drawings";
import css from "./photos.module.css";

type Photo = Shapes["Photo"];

interface Props {
  photos: Photo[];
  lit?: Thing | undefined;
  onLight?: (thing: Thing | undefined) => void;
  onOpen: (number: number) => void;
}

export function PhotoStrip({ photos, lit, onLight, onOpen }: Props) {
  const { t } = useTexts();
  return (
    <ol className={css.strip}>
      {photos.map((photo) => (
        <li
          key={photo.id}
          data-lit={lit?.id === photo.id || undefined}
          onMouseEnter={() => onLight?.({ layer: "photo", id: photo.id })}
          onMouseLeave={() => onLight?.(undefined)}
        >
          <button type="button" className={css.photo} onClick={() => onOpen(photo.number)}>
            <Picture photo={photo} size="thumbnail" />
            <span className={css.number} aria-hidden>
              {photo.number}
            </span>
          </button>
          <p className={css.caption}>
            {photo.taken ? timeText(photo.taken.ms) : t("untimed")} {photo.of.title}
          </p>
          {photo.alike && (
            <p className={css.alike}>
              <span aria-hidden>≈ </span>
              <AlikeText alike={photo.alike} />
            </p>
          )}
          {photo.damage && <p className={css.lack}>{t("stamp-damaged")}</p>}
          {!photo.position && <p className={css.lack}>{t("photo-no-position")}</p>}
        </li>
      ))}
    </ol>
  );
}

/** It says what looks alike and no more: it accuses nobody. */
export function AlikeText({ alike: { taken, of } }: { alike: Shapes["AlikePhoto"] }) {
  const { t, lang } = useTexts();
  if (!taken) return <>{t("alike-untimed", { of: of.title })}</>;
  return <>{t("alike", { when: dateTimeText(taken.ms, lang), of: of.title })}</>;
}

export function Picture({ photo, size }: { photo: Photo; size: "thumbnail" | "preview" }) {
  const { t, say } = useTexts();
  if (!photo.has_preview)
    return (
      <span className={css.blank}>
        <span className="visually-hidden">{t("photo-of", { number: photo.number, of: photo.of.title })}</span>
        {photo.no_preview ? say(photo.no_preview) : t("photo-awaited")}
      </span>
    );
  return (
    <img
      src={`/api/photos/${photo.id}/${size}`}
      alt={t("photo-of", { number: photo.number, of: photo.of.title })}
      loading="lazy"
      decoding="async"
    />
  );
}
