import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { Provider } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { modelsQuery } from "@/features/chat/models-query";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Icon } from "@/ui/icons";
import { SectionHead, Tag } from "@/ui/marks";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { duration } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { ProviderForm } from "./provider-form";
import { kindOf, providersQuery } from "./queries";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";

function Removal({ provider, onClose }: { provider: Provider; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => clients(GatewayService).deleteProvider({ id: provider.id }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["providers"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]);
      toast.show({ message: `${provider.name} and its key were removed.` });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${provider.name}?`}
      onClose={onClose}
      footer={
        <>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove provider and key
          </Button>
          <Button look="ghost" onClick={onClose}>
            Keep it
          </Button>
        </>
      }
    >
      {remove.isError && <Failure title="The provider was not removed." error={remove.error} />}
      <p>Its key cannot be brought back. Answers that its models wrote stay.</p>
    </Dialog>
  );
}

function Trial({ provider }: { provider: Provider }): JSX.Element {
  const clients = useClients();
  const test = useMutation({ mutationFn: () => clients(GatewayService).testProvider({ id: provider.id }) });
  return (
    <>
      <Button busy={test.isPending} onClick={() => test.mutate()}>
        Test
      </Button>
      {test.data?.ok === true && (
        <span className="verb sm" role="status">
          <Icon name="check" size={14} />
          {test.data.message} {test.data.firstTokenMs > 0 && `First word after ${duration(test.data.firstTokenMs)}.`}
        </span>
      )}
      {((test.data && !test.data.ok) || test.isError) && (
        <div className="basis-full">
          <Note tone="danger" title={test.data?.message ?? messageOf(test.error)} />
        </div>
      )}
    </>
  );
}

function ProviderRow({
  provider,
  onChange,
  onRemove,
}: {
  provider: Provider;
  onChange: () => void;
  onRemove: () => void;
}): JSX.Element {
  return (
    <li className="grid gap-2 border-b border-line-soft py-4">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 className="text-15">{provider.name}</h3>
        <span className="sub text-13">{kindOf(provider.kind).label}</span>
        {provider.baseUrl !== "" && <span className="id">{provider.baseUrl}</span>}
        <span className="sub ml-auto text-12">
          {provider.hasKey ? "Key stored" : "No key"}
          {provider.fromFile && ", from the configuration file"}
        </span>
      </div>
      <div className="flex flex-wrap gap-1">
        {provider.models.map((model) => (
          <Tag key={model}>{model}</Tag>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-2 pt-1">
        <Trial provider={provider} />
        {!provider.fromFile && (
          <>
            <Button look="ghost" onClick={onChange}>
              Change
            </Button>
            <Button look="ghost" className="text-danger!" onClick={onRemove}>
              Remove
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

type Open = { kind: "form"; provider: Provider | undefined } | { kind: "removal"; provider: Provider } | null;

/** Who may be asked: the built-in extracts, and the providers with their models. */
export function ModelsPage(): JSX.Element {
  const clients = useClients();
  const providers = useQuery(providersQuery(clients));
  const models = useQuery(modelsQuery(clients)).data?.models ?? [];
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title="Models"
      heading="Models"
      crumbs={[{ label: "Settings" }, { label: "Models" }]}
      actions={
        <Button look="primary" onClick={() => setOpen({ kind: "form", provider: undefined })}>
          Add a provider
        </Button>
      }
    >
      <div className="grid max-w-[50rem] gap-8 px-4 py-5 wide:mx-auto wide:px-9 wide:py-8">
        <section>
          <SectionHead title="Answers come from" />
          <ul>
            {models.map((model) => (
              <li key={model.name} className="row grid-cols-[minmax(0,1fr)_auto]">
                <span className="min-w-0">
                  <span className="t mono">{model.name}</span>
                  {model.extractsOnly && (
                    <span className="why block">
                      Built in: quotes the best passages. Needs no key and no network, and no language model writes.
                    </span>
                  )}
                </span>
                {model.default && <Tag>default</Tag>}
              </li>
            ))}
          </ul>
        </section>
        <section>
          <SectionHead title="Providers" />
          {providers.isPending && <SkeletonRows count={3} />}
          {providers.isError && (
            <Failure
              title="The providers could not be read."
              error={providers.error}
              onRetry={() => void providers.refetch()}
            />
          )}
          {providers.data?.providers.length === 0 && (
            <p className="sub py-4">
              None yet. With a provider, a language model writes answers from your passages; without one, the passages
              are quoted.
            </p>
          )}
          <ul>
            {providers.data?.providers.map((provider) => (
              <ProviderRow
                key={provider.id}
                provider={provider}
                onChange={() => setOpen({ kind: "form", provider })}
                onRemove={() => setOpen({ kind: "removal", provider })}
              />
            ))}
          </ul>
        </section>
      </div>
      {open?.kind === "form" && <ProviderForm provider={open.provider} onClose={close} />}
      {open?.kind === "removal" && <Removal provider={open.provider} onClose={close} />}
    </Page>
  );
}
