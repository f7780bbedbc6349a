import type { JSX } from "react";

const FILLED = { fill: "currentColor", stroke: "none" } as const;

const PATHS = {
  home: <path d="M2.5 7.2 8 2.7l5.5 4.5v6H9.8V9.5H6.2v3.7H2.5Z" />,
  log: <path d="M6 4h7.5M6 8h7.5M6 12h7.5M2.6 4h.01M2.6 8h.01M2.6 12h.01" strokeWidth="1.5" />,
  ask: <path d="M2.5 3.5h11v7.5H8l-3 2.5V11H2.5Z" />,
  import: <path d="M8 2.5v7M5.2 7 8 9.8 10.8 7M2.8 11v2.5h10.4V11" />,
  find: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.2 10.2 3.3 3.3" />
    </>
  ),
  settings: (
    <>
      <path d="M2.5 5h5.2M11.3 5h2.2M2.5 11h2.2M8.3 11h5.2" />
      <circle cx="9.5" cy="5" r="1.8" />
      <circle cx="6.5" cy="11" r="1.8" />
    </>
  ),
  warn: (
    <>
      <path d="M8 2.2 14.4 13.5H1.6Z" strokeWidth="1.5" />
      <path d="M8 6.5v3.2M8 11.6h.01" strokeWidth="1.6" />
    </>
  ),
  check: <path d="m3 8.5 3.2 3.2L13 4.5" strokeWidth="1.5" />,
  stop: <rect x="4" y="4" width="8" height="8" rx="1.5" {...FILLED} />,
  close: <path d="m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2" />,
  down: <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />,
  file: <path d="M4 2.5h5L12 5.6v7.9H4ZM8.8 2.7v3.1h3" />,
  folder: <path d="M2.3 4h4l1.3 1.6h6.1v7H2.3Z" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1" />
    </>
  ),
  moon: <path d="M12.9 9.7A5.4 5.4 0 0 1 6.3 3.1a5.4 5.4 0 1 0 6.6 6.6Z" />,
  system: <path d="M2.5 3.5h11v7h-11ZM6 13.2h4M8 10.7v2.4" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  fit: <path d="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3" />,
  talk: <path d="M2.5 3h11v8H7.5L4.5 13.5V11h-2Z" />,
  inbox: <path d="M2.5 9 4.3 3.2h7.4L13.5 9v4h-11ZM2.5 9h3l1 1.7h3l1-1.7h3" />,
  doctor: <path d="M2.5 8.5h2.7L7 4l2.4 8 1.5-3.5h2.6" />,
  governs: <path d="M2.5 3.5h4.2v3.4H2.5ZM9.3 9.1h4.2v3.4H9.3ZM4.6 6.9v3.9h4.7" />,
  graph: (
    <>
      <circle cx="4" cy="4.5" r="1.7" />
      <circle cx="12" cy="4.5" r="1.7" />
      <circle cx="8" cy="12" r="1.7" />
      <path d="M5.7 4.5h4.6M4.8 6l2.4 4.5M11.2 6l-2.4 4.5" />
    </>
  ),
  timeline: <path d="M4 2.5v11M4 4.5h3.5M4 8h8M4 11.5h5.5" />,
  board: <path d="M2.5 3h3v10h-3ZM6.5 3h3v6.5h-3ZM10.5 3h3v8h-3Z" />,
  keys: <path d="M2 4.5h12v7H2ZM4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.3h6" />,
  here: <path d="M3 8h9M8.5 4.5 12 8l-3.5 3.5" />,
  pencil: <path d="m3 13 .6-2.7 7.2-7.2 2.1 2.1-7.2 7.2ZM9.5 4.4l2.1 2.1" />,
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof PATHS;

/** A line icon. It is never the only name of a control. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {PATHS[name]}
    </svg>
  );
}

/** Three stones, one on the other: the way is marked. */
export function Logo(): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="currentColor" aria-hidden="true">
      <path d="M2 15.6c0-1.9 3.3-2.9 8-2.9s8 1 8 2.8-3.4 2.7-8.1 2.7S2 17.4 2 15.6Z" />
      <path d="M4.8 10.3c.1-1.7 2.4-2.5 5.8-2.4s5.5 1 5.4 2.5-2.4 2.1-5.8 2.1-5.5-.7-5.4-2.2Z" />
      <path d="M5.9 5.2c.1-2 1.7-3.3 3.9-3.3s3.6 1.2 3.5 2.9-1.6 2.7-3.8 2.7-3.7-.8-3.6-2.3Z" />
    </svg>
  );
}
