import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { ProviderKind } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";

export const providersQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["providers"],
    queryFn: ({ signal }) => clients(GatewayService).listProviders({}, { signal }),
  });

interface Kind {
  kind: ProviderKind;
  key: string;
  label: string;
  /** What a provider of this kind is called at first. */
  name: string;
  /** What an address looks like, where one is needed. */
  address?: string;
}

export const COMPATIBLE: Kind = {
  kind: ProviderKind.OPENAI_COMPATIBLE,
  key: "compatible",
  label: "OpenAI-compatible (Ollama, vLLM, …)",
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

export function kindOf(kind: ProviderKind): Kind {
  return KINDS.find((one) => one.kind === kind) ?? COMPATIBLE;
}
