import { type JSX, type ReactNode, useEffect, useId, useRef } from "react";

import { IconButton } from "./button";
import { Icon } from "./icons";
import { t } from "./texts";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
}

/** A modal dialog on the browser's own: focus stays inside, Escape closes, focus returns to where it was. */
export function Dialog({ title, onClose, children, footer }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className="dialog pop" aria-labelledby={heading} onClose={onClose}>
      <header>
        <h2 id={heading}>{title}</h2>
        <IconButton label={t.close} onClick={onClose}>
          <Icon name="close" />
        </IconButton>
      </header>
      {/* What scrolls takes the focus, so that the keyboard can scroll it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="inner" tabIndex={0} role="group" aria-labelledby={heading}>
        {children}
      </div>
      {footer !== undefined && <footer>{footer}</footer>}
    </dialog>
  );
}
