import type { EditorView } from "@codemirror/view";

const WIDEST_PX = 1_600;
const NARROWEST_PX = 200;
/** A picture is part of each version's text: ADR-0039 tells why, and why it stays small. */
export const PICTURE_BYTES_MOST = 150 * 1024;
const READ_BYTES_MOST = 25 * 1024 * 1024;
const QUALITIES = [0.85, 0.7, 0.55, 0.4];
const TYPES = /^image\/(?:png|jpeg|gif|webp)$/u;

export class PictureRefused extends Error {}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> {
  return new Promise((done) => canvas.toBlob(done, "image/webp", quality));
}

/** The picture anew, as WebP small enough to travel with the text. What the file said besides (place, camera) is gone. */
async function shrink(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file);
  let width = Math.min(WIDEST_PX, picture.width);
  do {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = Math.max(1, Math.round((picture.height * width) / picture.width));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const blob = await encoded(canvas, quality);
      if (blob !== null && blob.size <= PICTURE_BYTES_MOST) return blob;
    }
    width = Math.round(width * 0.7);
  } while (width >= NARROWEST_PX);
  throw new PictureRefused();
}

function asAddress(blob: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(typeof reader.result === "string" ? reader.result : "");
    reader.onerror = () => failed(new PictureRefused());
    reader.readAsDataURL(blob);
  });
}

export function picturesIn(items: DataTransfer | null): File[] {
  return [...(items?.files ?? [])].filter((file) => TYPES.test(file.type));
}

/** Puts a picture where the cursor is; its bytes stand at the end of the text. Throws `PictureRefused`. */
export async function insertPicture(view: EditorView, file: File, alt: string): Promise<void> {
  if (!TYPES.test(file.type) || file.size > READ_BYTES_MOST) throw new PictureRefused();
  const address = await asAddress(await shrink(file));
  const text = view.state.doc.toString();
  let number = 1;
  while (text.includes(`[picture-${number}]`)) number += 1;
  const name = `picture-${number}`;
  const { from, to } = view.state.selection.main;
  const end = `${text.endsWith("\n") || text === "" ? "" : "\n"}\n[${name}]: ${address}\n`;
  const mark = `![${alt}][${name}]`;
  view.dispatch({
    changes: [
      { from, to, insert: mark },
      { from: text.length, insert: end },
    ],
    selection: { anchor: from + mark.length },
  });
}
