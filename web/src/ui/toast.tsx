import { createContext, type JSX, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

import { Button, IconButton } from "./button";
import { Icon } from "./icons";
import { t } from "./texts";

const SHOWN_MS = 8_000;
/** Who reads slowly, or reaches it by keyboard, must get to the undo. */
const SHOWN_WITH_ACTION_MS = 14_000;

interface Toast {
  message: string;
  action?: { label: string; run: () => void };
}

interface ToastApi {
  show: (toast: Toast) => void;
}

const ToastContext = createContext<ToastApi>({ show: () => undefined });

export function useToast(): ToastApi {
  return useContext(ToastContext);
}

/** What was just done, with its undo, for some seconds; the newest only. */
export function ToastProvider({ children }: { children: ReactNode }): JSX.Element {
  const [toast, setToast] = useState<(Toast & { id: number }) | null>(null);
  const dismiss = useCallback((id: number) => setToast((current) => (current?.id === id ? null : current)), []);
  const api = useMemo<ToastApi>(
    () => ({
      show: (next) => {
        const id = Date.now();
        setToast({ ...next, id });
        setTimeout(() => dismiss(id), next.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
      },
    }),
    [dismiss],
  );
  return (
    <ToastContext value={api}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toast && (
          <div className="toast pop">
            <span>{toast.message}</span>
            {toast.action && (
              <Button
                look="ghost"
                className="text-accent"
                onClick={() => {
                  toast.action?.run();
                  dismiss(toast.id);
                }}
              >
                {toast.action.label}
              </Button>
            )}
            <IconButton label={t.close} onClick={() => dismiss(toast.id)}>
              <Icon name="close" />
            </IconButton>
          </div>
        )}
      </div>
    </ToastContext>
  );
}
