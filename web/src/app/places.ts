import type { LinkProps } from "@tanstack/react-router";

import type { IconName } from "@/ui/icons";

export interface Place {
  name:
    | "home"
    | "ask"
    | "decisions"
    | "search"
    | "graph"
    | "timeline"
    | "inbox"
    | "governs"
    | "doctor"
    | "imports"
    | "settings";
  icon: IconName;
  to: NonNullable<LinkProps["to"]>;
  /** Pressed after G, it leads there. */
  key: string;
}

/** Where one can go, in the order of the rail; the first four stand at the foot of a phone. */
export const PLACES: readonly Place[] = [
  { name: "home", icon: "home", to: "/", key: "h" },
  { name: "ask", icon: "ask", to: "/ask", key: "a" },
  { name: "decisions", icon: "log", to: "/decisions", key: "d" },
  { name: "search", icon: "find", to: "/search", key: "s" },
  { name: "graph", icon: "graph", to: "/graph", key: "g" },
  { name: "timeline", icon: "timeline", to: "/timeline", key: "t" },
  { name: "inbox", icon: "inbox", to: "/inbox", key: "i" },
  { name: "governs", icon: "governs", to: "/governs", key: "p" },
  { name: "doctor", icon: "doctor", to: "/doctor", key: "o" },
  { name: "imports", icon: "import", to: "/import", key: "m" },
  { name: "settings", icon: "settings", to: "/settings", key: "l" },
];
export const ON_PHONE = 4;
