import type { ButtonHTMLAttributes, JSX } from "react";

import { classes } from "./classes";

export type ButtonLook = "plain" | "primary" | "ghost" | "danger";

/** The class of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = "plain", more?: string): string {
  return classes("btn", look !== "plain" && look, more);
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  /** The work has begun: the label stays, a stone pulses before it, and a second press does nothing. */
  busy?: boolean;
}

export function Button({
  look = "plain",
  busy = false,
  className,
  children,
  disabled = false,
  type = "button",
  ...rest
}: ButtonProps): JSX.Element {
  return (
    <button
      {...rest}
      // A caller may ask for submit or reset.
      type={type}
      className={buttonClass(look, className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy && <span className="caret" aria-hidden="true" />}
      {children}
    </button>
  );
}

export function IconButton({ label, children, ...rest }: ButtonProps & { label: string }): JSX.Element {
  return (
    <Button look="ghost" aria-label={label} title={label} {...rest} className={classes("icon", rest.className)}>
      {children}
    </Button>
  );
}
