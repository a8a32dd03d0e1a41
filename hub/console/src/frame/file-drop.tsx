// Where a file of a supervisor's is dropped, or chosen by key 1. It goes nowhere by itself.
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import css from "./file-drop.module.css";
import { useKeys } from "./keys";
import { Button } from "./parts";

interface Props {
  text: string;
  choose: string;
  accept: string;
  onFile: (file: File) => void;
  /** What is said about the file that was chosen. */
  children?: ReactNode;
}

export function FileDrop({ text, choose, accept, onFile, children }: Props) {
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const take = (chosen: File | undefined) => chosen && onFile(chosen);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  useKeys({ "1": () => chooser.current?.click() });
  return (
    <div
      className={css.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <span>{text}</span>
      <Button look="main" keyHint="1" onClick={() => chooser.current?.click()}>
        {choose}
      </Button>
      {children}
      <input
        ref={chooser}
        type="file"
        accept={accept}
        className="visually-hidden"
        tabIndex={-1}
        aria-label={choose}
        onChange={(event) => {
          take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </div>
  );
}
