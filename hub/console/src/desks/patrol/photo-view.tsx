// One photo in full, with what is known about it: when, where, whose record, whether its bytes are the signed ones,
// and the picture of the same spot from the time before.
import { useState } from "react";
import { Link } from "wouter";
import type { Shapes } from "../../api/client";
import { Dialog } from "../../frame/dialog";
import { Button, ReceiptSign, Sign, type Tone, When } from "../../frame/parts";
import { useTexts } from "../../i18n/texts";
import css from "./photo-view.module.css";
import { AlikeText, Picture } from "./photos";

type Photo = Shapes["Photo"];
const HASHES: Record<Shapes["HashState"], Tone> = { awaited: "calm", intact: "good", differs: "bad" };

const SIGNATURES: Record<Shapes["Signature"], Tone> = { missing: "calm", good: "good", bad: "warn" };

interface Props {
  photos: Photo[];
  number: number | undefined;
  onNumber: (number: number | undefined) => void;
}

export function PhotoView({ photos, number, onNumber }: Props) {
  const { t } = useTexts();
  const photo = photos.find((each) => each.number === number);
  const at = photo ? photos.indexOf(photo) : -1;
  const go = (to: number) => {
    const next = photos[to];
    if (next) onNumber(next.number);
  };
  return (
    <Dialog
      wide
      open={photo !== undefined}
      onClose={() => onNumber(undefined)}
      title={photo ? t("photo-title", { number: photo.number, count: photos.length, of: photo.of.title }) : ""}
    >
      {photo && (
        <div
          className={css.view}
          onKeyDown={({ key }) => {
            if (key === "ArrowRight" || key === "j") go(at + 1);
            if (key === "ArrowLeft" || key === "k") go(at - 1);
          }}
        >
          <Pictures key={photo.id} photo={photo} />
          <div className={css.side}>
            <Facts photo={photo} />
            <div className={css.steps}>
              <Button disabled={at <= 0} focusableWhenDisabled onClick={() => go(at - 1)} keyHint="←">
                {t("before")}
              </Button>
              <Button disabled={at >= photos.length - 1} focusableWhenDisabled onClick={() => go(at + 1)} keyHint="→">
                {t("after")}
              </Button>
            </div>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Pictures({ photo }: { photo: Photo }) {
  const { t } = useTexts();
  const [beside, setBeside] = useState<"spot" | "alike">();
  const { same_spot: spot, alike } = photo;
  const [besideSpot, besideAlike] = [beside === "spot", beside === "alike"];
  const turn = (which: "spot" | "alike") => setBeside(beside === which ? undefined : which);
  return (
    <div className={css.pictures}>
      <div className={css.pair}>
        {besideSpot && spot && (
          <figure>
            <img src={`/api/photos/${spot.id}/preview`} alt={t("same-spot")} />
            <figcaption>
              {t("same-spot")} {spot.taken && <When at={spot.taken} />}
            </figcaption>
          </figure>
        )}
        {besideAlike && alike && (
          <figure>
            <img src={`/api/photos/${alike.id}/preview`} alt={t("alike-earlier")} />
            <figcaption>
              {t("alike-earlier")} {alike.taken && <When at={alike.taken} />}
              {alike.patrol && (
                <>
                  {" · "}
                  <Link href={`/patrols/${alike.patrol.id}`}>{alike.of.title}</Link>
                </>
              )}
            </figcaption>
          </figure>
        )}
        <figure>
          <Picture photo={photo} size="preview" />
          {beside && <figcaption>{t("this-time")}</figcaption>}
        </figure>
      </div>
      {alike && (
        <p>
          <AlikeText alike={alike} />
        </p>
      )}
      <div className={css.steps}>
        {alike && (
          <Button aria-pressed={besideAlike} onClick={() => turn("alike")}>
            {t(besideAlike ? "same-spot-hide" : "alike-show")}
          </Button>
        )}
        {spot && (
          <Button aria-pressed={besideSpot} onClick={() => turn("spot")}>
            {t(besideSpot ? "same-spot-hide" : "same-spot-show")}
          </Button>
        )}
      </div>
    </div>
  );
}

export function Facts({ photo }: { photo: Photo }) {
  const { t, one, say } = useTexts();
  const { position, receipt } = photo;
  return (
    <dl className={css.facts}>
      <dt>{t("field-taken-at")}</dt>
      <dd>{photo.taken ? <When at={photo.taken} full /> : t("photo-no-time")}</dd>
      <dt>{t("field-position")}</dt>
      <dd>
        {position ? `${position.lon.toFixed(5)}, ${position.lat.toFixed(5)}` : t("photo-no-position")}
        {position?.accuracy_m && ` ${t("within-metres", { metres: Math.round(position.accuracy_m) })}`}
      </dd>
      {photo.damage && (
        <>
          <dt>{t("field-damage")}</dt>
          <dd>
            <Sign tone="warn">{t("stamp-damaged")}</Sign> {say(photo.damage)}
          </dd>
        </>
      )}
      {photo.library && (
        <>
          <dt>{t("source")}</dt>
          <dd>
            <Sign tone="warn">{t("photo-off-site")}</Sign>
          </dd>
        </>
      )}
      <dt>{t("original")}</dt>
      <dd>
        <Sign tone={HASHES[photo.hash]}>{one("hash", photo.hash)}</Sign>
        <span className={css.hash}>SHA-256 {photo.sha256.slice(0, 16)}…</span>
        {photo.width && `${photo.width} × ${photo.height} · `}
        {t("megabytes", { size: (photo.bytes / 1e6).toFixed(1) })}
        {photo.hash !== "awaited" && (
          <>
            {" · "}
            <a href={`/api/photos/${photo.id}/original`} download>
              {t("download")}
            </a>
          </>
        )}
      </dd>
      {photo.code && (
        <>
          <dt>{t("photo-code")}</dt>
          <dd>
            <span className={css.code}>{photo.code}</span>
          </dd>
        </>
      )}
      {photo.signature !== "missing" && (
        <>
          <dt>{t("photo-signature")}</dt>
          <dd>
            <Sign tone={SIGNATURES[photo.signature]}>{one("photo-signature", photo.signature)}</Sign>
          </dd>
        </>
      )}
      <dt>{t("receipts")}</dt>
      <dd>
        <ReceiptSign state={receipt.state} />
      </dd>
      <dt>{t("member")}</dt>
      <dd>{photo.author.label}</dd>
    </dl>
  );
}
