// A question over the page. Closing it keeps nothing and loses nothing that was saved.
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/texts";
import css from "./dialog.module.css";
import { Button } from "./parts";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}

export function Dialog({ title, open, onClose, children, wide }: Props) {
  const { t } = useTexts();
  return (
    <Base.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={[css.popup, wide && css.wide].filter(Boolean).join(" ")}>
          <header className={css.head}>
            <Base.Title className={css.title}>{title}</Base.Title>
            <Base.Close render={<Button look="quiet" />} aria-label={t("close")}>
              ×
            </Base.Close>
          </header>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
