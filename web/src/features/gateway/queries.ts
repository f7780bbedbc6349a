import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { GatewayService, ProviderKind } from "@/api/gen/cairn/gateway/v1/gateway_pb";

import { t } from "./texts/models";

export const providersQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["providers"],
    queryFn: ({ signal }) => clients(GatewayService).listProviders({}, { signal }),
    // How the models do changes by itself.
    refetchInterval: 10_000,
  });

interface Kind {
  kind: ProviderKind;
  key: string;
  /** What the vendor calls itself; nothing for servers of one's own. */
  label?: string;
  /** What a provider of this kind is called at first. */
  name: string;
  /** What an address looks like, where one is needed. */
  address?: string;
}

export const COMPATIBLE: Kind = {
  kind: ProviderKind.OPENAI_COMPATIBLE,
  key: "compatible",
  name: "ollama",
  address: "http://127.0.0.1:11434/v1",
};

export const KINDS: [Kind, ...Kind[]] = [
  { kind: ProviderKind.ANTHROPIC, key: "anthropic", label: "Anthropic", name: "anthropic" },
  { kind: ProviderKind.OPENAI, key: "openai", label: "OpenAI", name: "openai" },
  { kind: ProviderKind.GEMINI, key: "gemini", label: "Gemini", name: "gemini" },
  {
    kind: ProviderKind.AZURE_OPENAI,
    key: "azure",
    label: "Azure OpenAI",
    name: "azure",
    address: "https://your-resource.openai.azure.com",
  },
  COMPATIBLE,
];

export function labelOf(kind: Kind): string {
  return kind.label ?? t.compatible;
}

export function kindOf(kind: ProviderKind): Kind {
  return KINDS.find((one) => one.kind === kind) ?? COMPATIBLE;
}
