import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { Crashed, NotFound } from "./failures";
import { Shell } from "./shell";

/** The addresses hold strings only, and leave out what is empty: they are meant to be read and shared. */
function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function pick<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): Partial<Record<Name, string | undefined>> => {
    const picked: Partial<Record<Name, string | undefined>> = {};
    for (const name of names) {
      const value = text(search[name]);
      if (value !== undefined) picked[name] = value;
    }
    return picked;
  };
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Crashed });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./home"), "HomePage"),
});
const log = createRoute({
  getParentRoute: () => root,
  path: "/decisions",
  validateSearch: pick("text", "status", "tag", "log", "sort", "deleted"),
  component: lazyRouteComponent(() => import("@/features/decisions/log-page"), "LogPage"),
});
const record = createRoute({
  getParentRoute: () => root,
  path: "/decisions/$ref",
  component: lazyRouteComponent(() => import("@/features/decisions/record-page"), "RecordPage"),
});

const routeTree = root.addChildren([
  home,
  log,
  record,
]);

export function createAppRouter() {
  return createRouter({
    routeTree,
    defaultPreload: "intent",
    scrollRestoration: true,
    parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
    stringifySearch: (search) => {
      const pairs = Object.entries(search).filter((pair): pair is [string, string] => text(pair[1]) !== undefined);
      const query = new URLSearchParams(pairs).toString();
      return query === "" ? "" : `?${query}`;
    },
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
