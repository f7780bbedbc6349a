import { type JSX, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

import { IconButton } from "./button";
import { classes } from "./classes";
import { Icon } from "./icons";

export interface MenuItem {
  key: string;
  label: string;
  run: () => void;
  /** Why it cannot be done now; the item stays, and says so. */
  refusal?: string;
  /** Stands before the label. */
  mark?: JSX.Element;
  danger?: boolean;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
}

/** What else can be done, behind three dots. The arrows choose, Enter does, Escape closes. */
export function Menu({ label, items }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const keys = items.map((item) => item.key).join(" ");
  useEffect(() => {
    // What it offers may change while it is open, and take the focus away with an item that is gone.
    if (open && root.current?.querySelector("[role=menuitem]:focus") == null)
      root.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [open, keys]);
  useEffect(() => {
    if (!open) return undefined;
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", onDown);
    return () => document.removeEventListener("pointerdown", onDown);
  }, [open]);
  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>("button[aria-haspopup]")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const entries = [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      entries[(to + entries.length) % entries.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") setOpen(false);
  };
  return (
    // The keys of the menu's own buttons pass here.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="menu" ref={root} onKeyDown={onKeyDown}>
      <IconButton
        label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </IconButton>
      {open && (
        <div id={id} role="menu" aria-label={label} className="pop">
          {items.map((item) => (
            <button
              key={item.key}
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-disabled={item.refusal !== undefined || undefined}
              className={classes(item.danger === true && "danger")}
              onClick={() => {
                if (item.refusal !== undefined) return;
                close();
                item.run();
              }}
            >
              {item.mark ?? <span />}
              <span>
                {item.label}
                {item.refusal !== undefined && <span className="why">{item.refusal}</span>}
              </span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
