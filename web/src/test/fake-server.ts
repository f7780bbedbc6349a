import { createRouterTransport, type Transport } from "@connectrpc/connect";

import { ChatService } from "@/api/gen/cairn/chat/v1/chat_pb";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { CurationService } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";
import { VersionsService } from "@/api/gen/cairn/decisions/v1/versions_pb";
import { SearchService } from "@/api/gen/cairn/search/v1/search_pb";
import { TenancyService } from "@/api/gen/cairn/tenancy/v1/tenancy_pb";

import { fakeChat, fakeGateway, fakeSearch } from "./fake-ai";
import { fakeDecisions } from "./fake-decisions";
import { FakeStore } from "./fake-store";

/** The server's double: the same contract, kept in memory. `wordMs` is the time between two words of an answer. */
export function createFakeTransport(store: FakeStore = new FakeStore(), wordMs = 0): Transport {
  return createRouterTransport(({ service }) => {
    service(DecisionsService, fakeDecisions(store));
    service(SearchService, fakeSearch(store));
    service(ChatService, fakeChat(store, wordMs));
    service(GatewayService, fakeGateway());
    // What happens to a record is tested in a browser against the real server; here it has no life beside its text.
    service(LifecycleService, { getLifecycle: () => ({}) });
    service(ReviewService, { getCare: () => ({ care: {} }), listPeople: () => ({}), listInbox: () => ({}) });
    service(CurationService, { listTemplates: () => ({}), listFilters: () => ({}), countFacets: () => ({}) });
    service(VersionsService, { listComments: () => ({}) });
    service(TenancyService, {
      getSession: () => ({
        organisationName: "Tidewater",
        personName: "Mara Solheim",
        role: "admin",
        cairnVersion: "0",
        organisationId: "o",
        personId: "p",
      }),
    });
  });
}
