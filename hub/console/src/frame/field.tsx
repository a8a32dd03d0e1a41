// A line to type in, with its name over it and a hint under it.
import { type ComponentProps, type ReactNode, useId } from "react";
import form from "./form.module.css";

type Props = ComponentProps<"input"> & { label: string; hint?: ReactNode };

export function Field({ label, hint, children, ...input }: Props) {
  const id = useId();
  return (
    <div className={form.field}>
      <label className={form.label} htmlFor={id}>
        {label}
      </label>
      <input id={id} className={form.input} aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint && (
        <p id={`${id}-hint`} className={form.hint}>
          {hint}
        </p>
      )}
      {children}
    </div>
  );
}
