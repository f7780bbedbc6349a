import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { ChatService, type Conversation } from "@/api/gen/cairn/chat/v1/chat_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { Menu } from "@/ui/menu";
import { useToast } from "@/ui/toast";

import { t } from "./texts/conversations";

const LONGEST_TITLE = 200;

function useChange() {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (change: (chat: ReturnType<typeof clients<typeof ChatService>>) => Promise<unknown>) =>
      change(clients(ChatService)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["conversations"] }),
    onError: (error) => toast.show({ message: t.notDone(messageOf(error)) }),
  });
}

function save(name: string, markdown: string): void {
  const address = URL.createObjectURL(new Blob([markdown], { type: "text/markdown" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

interface ConversationMenuProps {
  conversation: Conversation;
  label: string;
  /** The last answer of the branch to export; the latest where it is empty. */
  lastId?: string;
  onDeleted?: () => void;
}

/** What can be done with a conversation. */
export function ConversationMenu({ conversation, label, lastId = "", onDeleted }: ConversationMenuProps): JSX.Element {
  const { id, title, shared, mine } = conversation;
  const toast = useToast();
  const { mutate } = useChange();
  const [renamed, setRenamed] = useState<string>();
  const share = (wanted: boolean) => {
    mutate((chat) => chat.shareConversation({ id, shared: wanted }), {
      onSuccess: () =>
        toast.show({
          message: wanted ? t.sharedNow : t.unsharedNow,
          action: { label: t.undo, run: () => mutate((chat) => chat.shareConversation({ id, shared: !wanted })) },
        }),
    });
  };
  const remove = () => {
    mutate((chat) => chat.deleteConversation({ id }), {
      onSuccess: () => {
        toast.show({
          message: t.removed,
          action: { label: t.undo, run: () => mutate((chat) => chat.restoreConversation({ id })) },
        });
        onDeleted?.();
      },
    });
  };
  const common = [
    {
      key: "export",
      label: t.exportIt,
      run: () =>
        mutate(async (chat) => {
          const { fileName, markdown } = await chat.exportConversation({ id, generationId: lastId });
          save(fileName, markdown);
        }),
    },
    {
      key: "link",
      label: t.copyLink,
      run: () => {
        void navigator.clipboard
          .writeText(`${location.origin}/ask/${id}`)
          .then(() => toast.show({ message: t.linkCopied }));
      },
    },
  ];
  const items = mine
    ? [
        { key: "rename", label: t.rename, run: () => setRenamed(title) },
        { key: "share", label: shared ? t.unshare : t.share, run: () => share(!shared) },
        ...common,
        { key: "delete", label: t.remove, danger: true, run: remove },
      ]
    : common;
  return (
    <>
      <Menu label={label} items={items} />
      {renamed !== undefined && (
        <Dialog
          title={t.rename}
          onClose={() => setRenamed(undefined)}
          footer={
            <>
              <Button
                look="primary"
                disabled={renamed.trim() === ""}
                onClick={() => {
                  mutate((chat) => chat.renameConversation({ id, title: renamed }));
                  setRenamed(undefined);
                }}
              >
                {t.save}
              </Button>
              <Button look="ghost" onClick={() => setRenamed(undefined)}>
                {t.cancel}
              </Button>
            </>
          }
        >
          <TextField label={t.title} value={renamed} maxLength={LONGEST_TITLE} onChange={setRenamed} />
        </Dialog>
      )}
    </>
  );
}
