import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { type Comment, VersionsService } from "@/api/gen/cairn/decisions/v1/versions_pb";

export const commentsQuery = (clients: Clients, decisionId: string, version: number) =>
  queryOptions({
    queryKey: ["decisions", "comments", decisionId, version],
    queryFn: ({ signal }) => clients(VersionsService).listComments({ decisionId, version }, { signal }),
  });

/** What is said about one place: a comment and its answers. */
export interface Thread {
  first: Comment;
  answers: Comment[];
}

export function threadsOf(comments: readonly Comment[]): Thread[] {
  const threads = new Map<string, Thread>();
  for (const comment of comments) {
    if (comment.parentId === "") threads.set(comment.id, { first: comment, answers: [] });
    else threads.get(comment.parentId)?.answers.push(comment);
  }
  return [...threads.values()];
}

/** Where a new comment will stand: lines of the source, 1-based and inclusive; 0 for the whole text. */
export interface Place {
  firstLine: number;
  lastLine: number;
  /** The words that are spoken about. */
  quote: string;
}

export const WHOLE_TEXT: Place = { firstLine: 0, lastLine: 0, quote: "" };
