import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type Publication, PublishingService } from "@/api/gen/cairn/decisions/v1/publishing_pb";
import { sessionQuery } from "@/features/tenancy/queries";
import { rich } from "@/text/rich";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { useToast } from "@/ui/toast";

import { t } from "../texts/publish";
import { mayPublish, publicationQuery } from "./queries";

interface Wanted {
  address: string;
  whole: boolean;
  noindex: boolean;
  asItWas: boolean;
}

function PublicationForm({ log, now }: { log: Log; now: Publication }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const isPublic = now.path !== "";
  const [address, setAddress] = useState(isPublic ? now.address : log.slug.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-"));
  const [whole, setWhole] = useState(isPublic ? now.whole : true);
  const [indexed, setIndexed] = useState(isPublic ? now.indexed : true);
  const changed = () => queryClient.invalidateQueries({ queryKey: ["publication"] });
  const withdraw = useMutation({
    mutationFn: () => clients(PublishingService).withdrawLog({ logId: log.id }),
    onSuccess: async () => {
      const before = { address: now.address, whole: now.whole, noindex: !now.indexed, asItWas: true };
      toast.show({ message: t.withdrawn, action: { label: t.undo, run: () => publish.mutate(before) } });
      await changed();
    },
    onError: (error) => toast.show({ message: `${t.notWithdrawn} ${messageOf(error)}` }),
  });
  const publish = useMutation({
    mutationFn: (wanted: Wanted) => clients(PublishingService).publishLog({ logId: log.id, ...wanted }),
    onSuccess: async () => {
      toast.show(
        isPublic ? { message: t.saved } : { message: t.published, action: { label: t.undo, run: () => withdraw.mutate() } },
      );
      await changed();
    },
  });
  return (
    <form
      className="form pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        publish.mutate({ address, whole, noindex: !indexed, asItWas: false });
      }}
    >
      {publish.isError && <Failure title={t.notPublished} error={publish.error} />}
      <TextField label={t.address} hint={t.addressHint} className="max-w-80" value={address} onChange={setAddress} />
      <SelectField
        label={t.show}
        className="max-w-80"
        value={whole ? "whole" : "chosen"}
        options={[
          { value: "whole", label: t.whole },
          { value: "chosen", label: t.chosen },
        ]}
        onChange={(value) => setWhole(value === "whole")}
      />
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="check"
          checked={indexed}
          onChange={(event) => setIndexed(event.target.checked)}
        />
        {t.indexed}
      </label>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" busy={publish.isPending}>
          {isPublic ? t.save : t.publish}
        </Button>
        {isPublic && (
          <Button look="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t.withdraw}
          </Button>
        )}
      </div>
    </form>
  );
}

/** Whether readers without an account see a log, and how. */
export function LogPublication({ log }: { log: Log }): JSX.Element {
  const clients = useClients();
  const role = useQuery(sessionQuery(clients)).data?.role;
  const { data, error, refetch } = useQuery(publicationQuery(clients, { logId: log.id }));
  const now = data?.publication;
  return (
    <section>
      <SectionHead title={t.title} />
      <p className="sub pt-3 text-13">{t.what}</p>
      {error && <Failure title={t.unread} error={error} onRetry={() => void refetch()} />}
      {now && now.path !== "" && (
        <p className="pt-2">
          {rich(t.seen(now.recordCount), {
            a: (words) => (
              <a href={now.path} className="link">
                {words}
              </a>
            ),
          })}
        </p>
      )}
      {now && mayPublish(role) && <PublicationForm key={now.path} log={log} now={now} />}
    </section>
  );
}
