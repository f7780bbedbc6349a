import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { Provider } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { Failure } from "@/ui/note";

import { kindOf, KINDS } from "./queries";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";

interface ProviderFormProps {
  /** The one to change; undefined adds one. */
  provider: Provider | undefined;
  onClose: () => void;
}

/** Adds a provider or changes one. A stored key is never shown: it is kept, replaced or removed. */
export function ProviderForm({ provider, onClose }: ProviderFormProps): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [kind, setKind] = useState(provider ? kindOf(provider.kind) : KINDS[0]);
  const [name, setName] = useState(provider?.name ?? KINDS[0].name);
  const [baseUrl, setBaseUrl] = useState(provider?.baseUrl ?? "");
  const [models, setModels] = useState(provider?.models.join(", ") ?? "");
  const [key, setKey] = useState("");
  const [tried, setTried] = useState(false);
  const list = models
    .split(",")
    .map((model) => model.trim())
    .filter((model) => model !== "");
  const save = useMutation({
    mutationFn: () =>
      clients(GatewayService).saveProvider({
        id: provider?.id ?? "",
        kind: kind.kind,
        name: name.trim(),
        baseUrl: baseUrl.trim(),
        models: list,
        ...(key !== "" && { key }),
      }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["providers"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]);
      onClose();
    },
  });
  const errors = {
    name: name.trim() === "" ? "Its models are called by this name" : undefined,
    models: list.length === 0 ? "Name at least one model" : undefined,
    baseUrl: kind.address !== undefined && baseUrl.trim() === "" ? "A server of your own has an address" : undefined,
  };
  const shown = (error: string | undefined) => (tried ? error : undefined);
  return (
    <Dialog
      title={provider ? `Change ${provider.name}` : "Add a provider"}
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            busy={save.isPending}
            onClick={() => {
              setTried(true);
              if (Object.values(errors).every((error) => error === undefined)) save.mutate();
            }}
          >
            Save provider
          </Button>
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
        </>
      }
    >
      <form className="grid gap-4" onSubmit={(event) => event.preventDefault()}>
        {save.isError && <Failure title="The provider was not saved." error={save.error} />}
        <SelectField
          label="Kind"
          value={kind.key}
          options={KINDS.map((one) => ({ value: one.key, label: one.label }))}
          onChange={(chosen) => {
            const next = KINDS.find((one) => one.key === chosen) ?? KINDS[0];
            if (name === kind.name) setName(next.name);
            setKind(next);
          }}
        />
        <TextField
          label="Name"
          value={name}
          error={shown(errors.name)}
          hint="The first part of its models' names."
          onChange={setName}
        />
        <TextField
          label="Address"
          type="url"
          value={baseUrl}
          error={shown(errors.baseUrl)}
          placeholder={kind.address ?? "The provider's own"}
          onChange={setBaseUrl}
        />
        <TextField
          label="Models"
          value={models}
          error={shown(errors.models)}
          placeholder="As the provider names them, with commas"
          onChange={setModels}
        />
        <TextField
          label="Key"
          type="password"
          autoComplete="off"
          value={key}
          placeholder={
            provider?.hasKey === true
              ? "A key is stored; leave empty to keep it"
              : "Stored encrypted, never shown again"
          }
          onChange={setKey}
        />
      </form>
    </Dialog>
  );
}
