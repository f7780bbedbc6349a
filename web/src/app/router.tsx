import { createRootRoute, createRoute, createRouter, type RouterHistory } from "@tanstack/react-router";

import { lazyPage } from "@/text/lazy";

import { Crashed } from "./failures";
import { pressShown, watchPresses } from "./pressed";
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

const root = createRootRoute({
  component: Shell,
  notFoundComponent: lazyPage(() => import("./not-found"), "NotFound"),
  errorComponent: Crashed,
  beforeLoad: ({ preload }) => (preload ? undefined : pressShown()),
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyPage(() => import("./home"), "HomePage"),
});
const log = createRoute({
  getParentRoute: () => root,
  path: "/decisions",
  validateSearch: pick("text", "status", "tag", "owner", "governs", "log", "sort", "deleted", "view"),
  component: lazyPage(() => import("@/features/decisions/log-page"), "LogPage"),
});
const newDecision = createRoute({
  getParentRoute: () => root,
  path: "/decisions/new",
  validateSearch: pick("log", "about"),
  component: lazyPage(() => import("@/features/decisions/new-page"), "NewPage"),
});
const record = createRoute({
  getParentRoute: () => root,
  path: "/decisions/$ref",
  component: lazyPage(() => import("@/features/decisions/record-page"), "RecordPage"),
});
const edit = createRoute({
  getParentRoute: () => root,
  path: "/decisions/$ref/edit",
  component: lazyPage(() => import("@/features/decisions/edit-page"), "EditPage"),
});
const history = createRoute({
  getParentRoute: () => root,
  path: "/decisions/$ref/history",
  validateSearch: pick("a", "b", "view"),
  component: lazyPage(() => import("@/features/decisions/history-page"), "HistoryPage"),
});
const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  validateSearch: pick("q", "mode", "status", "log", "tag", "year"),
  component: lazyPage(() => import("@/features/search/search-page"), "SearchPage"),
});
const ask = createRoute({
  getParentRoute: () => root,
  path: "/ask",
  validateSearch: pick("q", "record"),
  component: lazyPage(() => import("@/features/chat/ask-page"), "AskPage"),
});
const conversation = createRoute({
  getParentRoute: () => root,
  path: "/ask/$conversationId",
  component: lazyPage(() => import("@/features/chat/conversation-page"), "ConversationPage"),
});
const imports = createRoute({
  getParentRoute: () => root,
  path: "/import",
  component: lazyPage(() => import("@/features/decisions/import-page"), "ImportPage"),
});
const importReport = createRoute({
  getParentRoute: () => root,
  path: "/import/$importId",
  component: lazyPage(() => import("@/features/decisions/import-report-page"), "ImportReportPage"),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  component: lazyPage(() => import("@/features/decisions/inbox-page"), "InboxPage"),
});
const governs = createRoute({
  getParentRoute: () => root,
  path: "/governs",
  validateSearch: pick("paths", "all"),
  component: lazyPage(() => import("@/features/decisions/governs-page"), "GovernsPage"),
});
const doctor = createRoute({
  getParentRoute: () => root,
  path: "/doctor",
  validateSearch: pick("log"),
  component: lazyPage(() => import("@/features/decisions/doctor-page"), "DoctorPage"),
});
const graph = createRoute({
  getParentRoute: () => root,
  path: "/graph",
  validateSearch: pick("log", "view", "kinds", "alone", "focus"),
  component: lazyPage(() => import("@/features/decisions/graph/graph-page"), "GraphPage"),
});
const timeline = createRoute({
  getParentRoute: () => root,
  path: "/timeline",
  validateSearch: pick("log", "status", "order"),
  component: lazyPage(() => import("@/features/decisions/timeline/timeline-page"), "TimelinePage"),
});
const logSettings = createRoute({
  getParentRoute: () => root,
  path: "/logs/$slug",
  component: lazyPage(() => import("@/features/decisions/curate/log-settings-page"), "LogSettingsPage"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyPage(() => import("@/features/tenancy/settings-page"), "SettingsPage"),
});
const people = createRoute({
  getParentRoute: () => root,
  path: "/settings/people",
  component: lazyPage(() => import("@/features/tenancy/people-page"), "PeoplePage"),
});
const tokens = createRoute({
  getParentRoute: () => root,
  path: "/settings/tokens",
  component: lazyPage(() => import("@/features/tenancy/tokens-page"), "TokensPage"),
});
const jobs = createRoute({
  getParentRoute: () => root,
  path: "/settings/jobs",
  component: lazyPage(() => import("@/features/tenancy/jobs-page"), "JobsPage"),
});
const models = createRoute({
  getParentRoute: () => root,
  path: "/settings/models",
  component: lazyPage(() => import("@/features/gateway/models-page"), "ModelsPage"),
});
const spending = createRoute({
  getParentRoute: () => root,
  path: "/settings/spending",
  component: lazyPage(() => import("@/features/gateway/spending-page"), "SpendingPage"),
});

const routeTree = root.addChildren([
  home,
  log,
  newDecision,
  record,
  edit,
  history,
  search,
  ask,
  conversation,
  imports,
  importReport,
  inbox,
  governs,
  doctor,
  graph,
  timeline,
  logSettings,
  models,
  spending,
  settings,
  people,
  tokens,
  jobs,
]);

export function createAppRouter(history?: RouterHistory) {
  const router = createRouter({
    ...(history && { history }),
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
  watchPresses(router);
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
