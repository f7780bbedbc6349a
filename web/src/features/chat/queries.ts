import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { ChatService } from "@/api/gen/cairn/chat/v1/chat_pb";

const CONVERSATIONS_SHOWN = 30;

export const conversationsQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["conversations"],
    queryFn: ({ signal }) => clients(ChatService).listConversations({ pageSize: CONVERSATIONS_SHOWN }, { signal }),
  });

export const conversationQuery = (clients: Clients, id: string) =>
  queryOptions({
    queryKey: ["conversations", id],
    queryFn: ({ signal }) => clients(ChatService).getConversation({ id }, { signal }),
    // While it is open the page keeps the turns itself; what was read is where it begins.
    staleTime: Infinity,
    gcTime: 0,
  });
