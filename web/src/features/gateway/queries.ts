import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { ProviderKind } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";

export const providersQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["providers"],
    queryFn: ({ signal }) => clients(GatewayService).listProviders({}, { signal }),
  });

export const KINDS = [
  { kind: ProviderKind.ANTHROPIC, key: "anthropic", label: "Anthropic", name: "anthropic", needsAddress: false },
  { kind: ProviderKind.OPENAI, key: "openai", label: "OpenAI", name: "openai", needsAddress: false },
  {
    kind: ProviderKind.OPENAI_COMPATIBLE,
    key: "compatible",
    label: "OpenAI-compatible (Ollama, vLLM, …)",
    name: "ollama",
    needsAddress: true,
  },
] as const;

export type Kind = (typeof KINDS)[number];

export function kindOf(kind: ProviderKind): Kind {
  return KINDS.find((one) => one.kind === kind) ?? KINDS[2];
}
