import type { JSX, ReactNode } from "react";

import { HollowStone } from "./stone";

interface EmptyProps {
  title: string;
  /** Why it is empty, and the one change that helps. */
  children?: ReactNode;
  actions?: ReactNode;
}

/** One hollow stone, what is so, why, and what helps. */
export function Empty({ title, children, actions }: EmptyProps): JSX.Element {
  return (
    <div className="max-w-[30rem] px-4 py-10 wide:px-9">
      <HollowStone />
      <h2 className="mt-2 mb-1 font-read text-18/[1.3] font-[600]">{title}</h2>
      <p className="sub">{children}</p>
      {actions !== undefined && <div className="flex flex-wrap gap-2 pt-3">{actions}</div>}
    </div>
  );
}
