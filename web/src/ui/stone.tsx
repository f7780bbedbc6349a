import type { JSX } from "react";

import type { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { classes } from "./classes";
import { statusKey, statusName } from "./status";
import { STONE_SHAPES } from "./stone-shapes";

interface StoneProps {
  status: Status;
  /** Set where the status's word stands beside it; the stone is then silent. */
  beside?: boolean;
  large?: boolean;
}

/** The status stone: alone it says its status, beside its word it is hidden from assistive tools. */
export function Stone({ status, beside = false, large = false }: StoneProps): JSX.Element {
  const key = statusKey(status);
  const naming = beside ? { "aria-hidden": true } : { role: "img", "aria-label": statusName(status) };
  return (
    <svg
      className={classes("g", large && "lg")}
      data-s={key}
      viewBox="0 0 16 16"
      dangerouslySetInnerHTML={{ __html: STONE_SHAPES[key] }}
      {...naming}
    />
  );
}

/** The hollow stone of empty pages: a place where a decision could be. */
export function HollowStone(): JSX.Element {
  return (
    <svg
      width="26"
      height="26"
      viewBox="0 0 16 16"
      className="text-ink-3"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: STONE_SHAPES.draft }}
    />
  );
}

interface StatusLabelProps {
  status: Status;
  /** What its log calls it, where that is a name of its own. */
  name?: string | undefined;
}

/** Stone and word. */
export function StatusLabel({ status, name }: StatusLabelProps): JSX.Element {
  return (
    <span className="st" data-s={statusKey(status)}>
      <Stone status={status} beside />
      <span>{name ?? statusName(status)}</span>
    </span>
  );
}
