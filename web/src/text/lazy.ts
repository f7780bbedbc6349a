// The one place that may: it waits for the texts as well.
// eslint-disable-next-line no-restricted-imports
import { lazyRouteComponent } from "@tanstack/react-router";
// eslint-disable-next-line no-restricted-imports
import { type ComponentType, lazy, type LazyExoticComponent } from "react";

import { textsReady } from "./language";

async function withTexts<Module>(load: () => Promise<Module>): Promise<Module> {
  const loaded = await load();
  await textsReady();
  return loaded;
}

/** A page whose code and texts come when its address is visited. */
export function lazyPage<Module extends Record<string, unknown>, Name extends keyof Module>(
  load: () => Promise<Module>,
  name: Name,
) {
  return lazyRouteComponent(() => withTexts(load), name);
}

/** A part of a page whose code and texts come when it is first shown. */
export function lazyPart<Props>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await withTexts(load) }));
}
