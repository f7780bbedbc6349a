import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { PeopleService, type Token } from "@/api/gen/cairn/tenancy/v1/people_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { SelectField, TextField } from "@/ui/field";
import { Tag } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { SkeletonRows } from "@/ui/skeleton";
import { dateOf, momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { ConfirmDialog } from "./confirm-dialog";
import { tokensQuery } from "./people-queries";
import { sessionQuery } from "./queries";
import { SecretDialog } from "./secret-dialog";
import { SettingsFrame } from "./settings-frame";
import { t } from "./texts/settings";

const SCOPES = ["read", "write", "import", "ask", "configure"] as const;
type Scope = (typeof SCOPES)[number];
const DAYS = [30, 90, 365];
const FOREVER = 0;

function CreateDialog({ onCreated, onClose }: { onCreated: (secret: string) => void; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["read"]);
  const [days, setDays] = useState("90");
  const create = useMutation({
    mutationFn: () => clients(PeopleService).createToken({ name, scopes: [...scopes], days: Number(days) }),
    onSuccess: async (answer) => {
      await queryClient.invalidateQueries({ queryKey: ["tokens"] });
      onCreated(answer.secret);
    },
  });
  return (
    <Dialog
      title={t.createToken}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" busy={create.isPending} disabled={name.trim() === ""} onClick={() => create.mutate()}>
            {t.createToken}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        </>
      }
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") create.mutate();
        }}
      >
        {create.isError && <Failure title={t.notCreated} error={create.error} />}
        <TextField label={t.tokenName} hint={t.tokenNameHint} value={name} maxLength={200} onChange={setName} />
        <fieldset className="grid gap-2">
          <legend className="label pb-2">{t.scopes}</legend>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="check"
              checked={scopes.length === 0}
              onChange={(event) => setScopes(event.target.checked ? [] : ["read"])}
            />
            {t.scopeAll}
          </label>
          {SCOPES.map((scope) => (
            <label key={scope} className="flex items-center gap-2">
              <input
                type="checkbox"
                className="check"
                checked={scopes.includes(scope)}
                onChange={(event) =>
                  setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((other) => other !== scope))
                }
              />
              {t.scopeNames[scope]}
            </label>
          ))}
        </fieldset>
        <SelectField
          label={t.lasts}
          className="max-w-60"
          value={days}
          options={[
            ...DAYS.map((amount) => ({ value: String(amount), label: t.days(amount) })),
            { value: String(FOREVER), label: t.forever },
          ]}
          onChange={setDays}
        />
      </form>
    </Dialog>
  );
}

function Revocation({ token, onClose }: { token: Token; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: () => clients(PeopleService).revokeToken({ id: token.id }),
    onSuccess: async () => {
      toast.show({ message: t.revoked(token.name) });
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  return (
    <ConfirmDialog
      title={t.revokeToken(token.name)}
      why={t.revokeWhy}
      act={t.revoke}
      failed={t.notRevoked}
      work={revoke}
      onClose={onClose}
    />
  );
}

function TokenRow({ token, own, onRevoke }: { token: Token; own: boolean; onRevoke: () => void }): JSX.Element {
  const made = dateOf(token.createdAt);
  const ends = dateOf(token.expiresAt);
  const scopes = token.scopes.map((scope) => t.scopeNames[scope as Scope]);
  return (
    <li className="setting-row">
      <span className="grid min-w-0 gap-1">
        <span>
          <span className="med">{token.name}</span> {!own && <span className="sub text-13">{token.personName}</span>}
        </span>
        <span className="flex flex-wrap gap-1">
          {(scopes.length > 0 ? scopes : [t.everything]).map((scope) => (
            <Tag key={scope}>{scope}</Tag>
          ))}
        </span>
        <span className="sub text-13">
          {made && t.made(momentInWords(made))}
          {ends && `, ${t.until(momentInWords(ends))}`}
        </span>
      </span>
      <Button look="ghost" className="text-danger!" onClick={onRevoke}>
        {t.revoke}
      </Button>
    </li>
  );
}

/** The tokens that act for me; an admin sees everybody's. */
export function TokensPage(): JSX.Element {
  const clients = useClients();
  const me = useQuery(sessionQuery(clients)).data?.personId;
  const tokens = useQuery(tokensQuery(clients));
  const [creating, setCreating] = useState(false);
  const [leaving, setLeaving] = useState<Token>();
  const [secret, setSecret] = useState<string>();
  return (
    <SettingsFrame
      title={t.tokens}
      actions={
        <Button look="primary" onClick={() => setCreating(true)}>
          {t.createToken}
        </Button>
      }
    >
      <p className="sub">{t.tokensWhat}</p>
      {tokens.isPending && <SkeletonRows count={3} />}
      {tokens.isError && <Failure title={t.tokensUnread} error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.data?.tokens.length === 0 && <Empty title={t.noTokens}>{t.noTokensWhy}</Empty>}
      <ul aria-label={t.tokens}>
        {tokens.data?.tokens.map((token) => (
          <TokenRow key={token.id} token={token} own={token.personId === me} onRevoke={() => setLeaving(token)} />
        ))}
      </ul>
      {creating && (
        <CreateDialog
          onCreated={(made) => {
            setCreating(false);
            setSecret(made);
          }}
          onClose={() => setCreating(false)}
        />
      )}
      {leaving && <Revocation token={leaving} onClose={() => setLeaving(undefined)} />}
      {secret !== undefined && (
        <SecretDialog title={t.newToken} secret={secret} onClose={() => setSecret(undefined)} />
      )}
    </SettingsFrame>
  );
}
