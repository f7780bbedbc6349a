import type { Texts } from "./views";

export const texts: Texts = { asBoard: "Als Tafel zeigen", asTable: "Als Tabelle zeigen" };
