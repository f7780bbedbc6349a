import type { MessageInitShape } from "@bufbuild/protobuf";
import { useCallback, useEffect, useRef, useState } from "react";

import type { Content, ContentSchema, Scope } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";

/** What the editor holds: the content as it is typed. */
export interface Draft {
  title: string;
  status: Status;
  decidedOn: string;
  deciders: string;
  tags: string;
  /** Path patterns that it governs, one a line. */
  paths: string;
  components: string;
  categories: string;
  body: string;
  message: string;
}

export const EMPTY_DRAFT: Draft = {
  title: "",
  status: Status.DRAFT,
  decidedOn: "",
  deciders: "",
  tags: "",
  paths: "",
  components: "",
  categories: "",
  body: "",
  message: "",
};

interface Kept {
  draft: Draft;
  /** The version that the draft changes; 0 for a new record. */
  version: number;
  at: string;
}

const SETTLES_MS = 400;
const storageKey = (key: string) => `cairn.draft.${key}`;

export function commaSeparated(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export function contentOf(draft: Draft): MessageInitShape<typeof ContentSchema> {
  return {
    title: draft.title.trim(),
    status: draft.status,
    decidedOn: draft.decidedOn,
    deciders: commaSeparated(draft.deciders),
    tags: commaSeparated(draft.tags),
    body: draft.body,
    scope: {
      paths: draft.paths
        .split("\n")
        .map((path) => path.trim())
        .filter((path) => path !== ""),
      components: commaSeparated(draft.components),
      categories: commaSeparated(draft.categories),
    },
  };
}

type Drafted = Pick<Content, "title" | "status" | "decidedOn" | "deciders" | "tags" | "body"> & {
  scope?: Scope | undefined;
};

export function draftOf(content: Drafted): Draft {
  const { title, status, decidedOn, deciders, tags, body, scope } = content;
  return {
    title,
    status,
    decidedOn,
    deciders: deciders.join(", "),
    tags: tags.join(", "),
    paths: scope?.paths.join("\n") ?? "",
    components: scope?.components.join(", ") ?? "",
    categories: scope?.categories.join(", ") ?? "",
    body,
    message: "",
  };
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null || !("draft" in value) || !("version" in value)) return false;
  const { draft, version } = value;
  return (
    typeof version === "number" && typeof draft === "object" && draft !== null && "body" in draft && "title" in draft
  );
}

function read(key: string, start: Draft): Kept | undefined {
  const text = localStorage.getItem(storageKey(key));
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isKept(value) ? { ...value, draft: { ...start, ...value.draft } } : undefined;
  } catch {
    // Not ours: another program wrote under this name. The record's own text is shown.
    return undefined;
  }
}

/** False when the browser refuses to keep it: storage is full or forbidden. */
function write(key: string, kept: Kept): boolean {
  try {
    localStorage.setItem(storageKey(key), JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

export interface DraftState {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  /** The version that this draft changes. */
  version: number;
  setVersion: (version: number) => void;
  /** When the text that was found here had been kept; undefined when the page began with the record's own. */
  restoredAt: Date | undefined;
  dirty: boolean;
  /** False when the browser does not keep drafts: the page then says so. */
  kept: boolean;
  /** Forgets the draft and begins again with `start`. */
  discard: () => void;
  /** Forgets the draft because it was saved. */
  clear: () => void;
}

/** A draft that outlives the page: a reload, a crash or a lost session finds it again. */
export function useDraft(key: string, start: Draft, startVersion: number): DraftState {
  const [found] = useState(() => read(key, start));
  const [draft, setDraft] = useState(found?.draft ?? start);
  const [version, setVersion] = useState(found?.version ?? startVersion);
  const [restored, setRestored] = useState(found !== undefined);
  const [touched, setTouched] = useState(found !== undefined);
  const [kept, setKept] = useState(true);
  const pending = useRef<Kept | undefined>(undefined);

  const flush = useCallback(() => {
    if (pending.current === undefined) return;
    setKept(write(key, pending.current));
    pending.current = undefined;
  }, [key]);
  useEffect(() => {
    if (!touched) return undefined;
    pending.current = { draft, version, at: new Date().toISOString() };
    const timer = setTimeout(flush, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [draft, version, touched, flush]);
  useEffect(() => {
    addEventListener("pagehide", flush);
    return () => {
      removeEventListener("pagehide", flush);
      flush();
    };
  }, [flush]);

  const clear = useCallback(() => {
    pending.current = undefined;
    localStorage.removeItem(storageKey(key));
    setTouched(false);
    setRestored(false);
  }, [key]);
  return {
    draft,
    version,
    setVersion,
    dirty: touched,
    kept,
    restoredAt: restored && found ? new Date(found.at) : undefined,
    change: (changes) => {
      setTouched(true);
      setDraft((old) => ({ ...old, ...changes }));
    },
    discard: () => {
      clear();
      setDraft(start);
      setVersion(startVersion);
    },
    clear,
  };
}
