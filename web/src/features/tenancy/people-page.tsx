import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type Member, PeopleService } from "@/api/gen/cairn/tenancy/v1/people_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Pick, SelectField, TextField } from "@/ui/field";
import { Avatar } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { SkeletonRows } from "@/ui/skeleton";
import { useToast } from "@/ui/toast";

import { ConfirmDialog } from "./confirm-dialog";
import { membersQuery } from "./people-queries";
import { sessionQuery } from "./queries";
import { SecretDialog } from "./secret-dialog";
import { SettingsFrame } from "./settings-frame";
import { t } from "./texts/settings";

const ROLES = ["author", "reviewer", "maintainer", "admin"] as const;
type RoleName = (typeof ROLES)[number];

function nameOf(role: string): string {
  return t.roleNames[role as RoleName];
}

function AddDialog({ onAdded, onClose }: { onAdded: (name: string, token: string) => void; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<string>("author");
  const add = useMutation({
    mutationFn: () => clients(PeopleService).addMember({ name, email, role }),
    onSuccess: async (answer) => {
      await queryClient.invalidateQueries({ queryKey: ["members"] });
      onAdded(answer.member?.name ?? name, answer.token);
    },
  });
  return (
    <Dialog
      title={t.addPerson}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" busy={add.isPending} disabled={name.trim() === ""} onClick={() => add.mutate()}>
            {t.addPerson}
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
          if (name.trim() !== "") add.mutate();
        }}
      >
        {add.isError && <Failure title={t.notAdded} error={add.error} />}
        <TextField label={t.name} value={name} maxLength={200} onChange={setName} />
        <TextField label={t.email} hint={t.emailHint} type="email" value={email} onChange={setEmail} />
        <SelectField
          label={t.role}
          value={role}
          options={ROLES.map((value) => ({ value, label: t.roles[value] }))}
          onChange={setRole}
        />
      </form>
    </Dialog>
  );
}

function Removal({ member, onClose }: { member: Member; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => clients(PeopleService).removeMember({ id: member.id }),
    onSuccess: async () => {
      toast.show({ message: t.removed(member.name) });
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["members"] });
    },
  });
  return (
    <ConfirmDialog
      title={t.removePerson(member.name)}
      why={t.removePersonWhy}
      act={t.remove}
      failed={t.notRemoved}
      work={remove}
      onClose={onClose}
    />
  );
}

function useRoleChange(): (member: Member, role: string) => void {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: string }) =>
      clients(PeopleService).changeRole({ id: member.id, role }),
    onSuccess: (_, { member, role }) =>
      toast.show({
        message: t.roleChanged(member.name, nameOf(role)),
        action: { label: t.cancel, run: () => change.mutate({ member, role: member.role }) },
      }),
    onError: (error, { member }) => toast.show({ message: `${t.roleKept(member.name)} ${messageOf(error)}` }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["members"] }),
  });
  return (member, role) => change.mutate({ member, role });
}

/** Who belongs to the organisation, and what each may do. */
export function PeoplePage(): JSX.Element {
  const clients = useClients();
  const session = useQuery(sessionQuery(clients)).data;
  const members = useQuery(membersQuery(clients));
  const changeRole = useRoleChange();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Member>();
  const [fresh, setFresh] = useState<{ name: string; token: string }>();
  const admin = session?.role === "admin";
  return (
    <SettingsFrame
      title={t.people}
      actions={
        admin && (
          <Button look="primary" onClick={() => setAdding(true)}>
            {t.addPerson}
          </Button>
        )
      }
    >
      {members.isPending && <SkeletonRows count={4} />}
      {members.isError && <Failure title={t.peopleUnread} error={members.error} onRetry={() => void members.refetch()} />}
      <ul aria-label={t.people}>
        {members.data?.members.map((member) => (
          <li key={member.id} className="setting-row">
            <span className="flex min-w-0 items-center gap-2">
              <Avatar name={member.name} />
              <span className="min-w-0">
                <span className="med">{member.name}</span>{" "}
                {member.id === session?.personId && <span className="sub text-13">{t.yourself}</span>}
                {member.email !== "" && <span className="sub block text-13">{member.email}</span>}
              </span>
            </span>
            <span className="acts">
              {admin ? (
                <Pick
                  label={t.roleOf(member.name)}
                  shown={nameOf(member.role)}
                  value={member.role}
                  options={ROLES.map((value) => ({ value, label: t.roles[value] }))}
                  onChange={(role) => changeRole(member, role)}
                />
              ) : (
                <span className="sub">{nameOf(member.role)}</span>
              )}
              {admin && member.id !== session.personId && (
                <Button look="ghost" className="text-danger!" onClick={() => setLeaving(member)}>
                  {t.remove}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {adding && (
        <AddDialog
          onAdded={(name, token) => {
            setAdding(false);
            setFresh({ name, token });
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {leaving && <Removal member={leaving} onClose={() => setLeaving(undefined)} />}
      {fresh && <SecretDialog title={t.firstToken(fresh.name)} secret={fresh.token} onClose={() => setFresh(undefined)} />}
    </SettingsFrame>
  );
}
