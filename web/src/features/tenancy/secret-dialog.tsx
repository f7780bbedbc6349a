import type { JSX } from "react";

import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

import { t } from "./texts/settings";

/** A token, the one time that it can be read. */
export function SecretDialog({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }): JSX.Element {
  const toast = useToast();
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    toast.show({ message: t.copied });
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" onClick={() => void copy()}>
            {t.copy}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.done}
          </Button>
        </>
      }
    >
      <p className="sub pb-3">{t.secretOnce}</p>
      <code className="secret">{secret}</code>
    </Dialog>
  );
}
