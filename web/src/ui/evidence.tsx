import type { JSX } from "react";

import { t } from "./texts/evidence";

const EVIDENCE = {
  read: <rect x="2" y="2" width="10" height="10" rx="1.5" fill="currentColor" />,
  guess: (
    <>
      <rect x="2.7" y="2.7" width="8.6" height="8.6" rx="1.2" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M11.3 2.7v8.6H2.7Z" fill="currentColor" />
    </>
  ),
  miss: (
    <rect
      x="2.7"
      y="2.7"
      width="8.6"
      height="8.6"
      rx="1.2"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeDasharray="2.2 1.7"
    />
  ),
} as const;

export type EvidenceKind = keyof typeof EVIDENCE;

/** A square, so that it is never taken for a status: how a field of an imported file was understood. */
export function Evidence({ kind, beside = false }: { kind: EvidenceKind; beside?: boolean }): JSX.Element {
  const naming = beside ? { "aria-hidden": true } : { role: "img", "aria-label": t[kind] };
  return (
    <svg className="ev" data-e={kind} viewBox="0 0 14 14" {...naming}>
      {EVIDENCE[kind]}
    </svg>
  );
}
