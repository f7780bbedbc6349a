import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { statusKey, type StatusKey } from "@/ui/status";
import { STONE_SHAPES } from "@/ui/stone-shapes";

import { COLUMN_PX, LABEL_PX, type Layout, type Placed } from "./layout";
import type { Arrow, Graph } from "./model";

/** What of the plane is seen, and how near. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export const STONE_PX = 24;
export const TITLES_FROM = 0.62;
const REFS_FROM = 0.42;
const FAINT = 0.14;
const CORNER_PX = 14;
/** So far to both sides a line is level where it passes a title, few of which fill their room: it must not climb in steps. */
const LEVEL_PX = LABEL_PX * 0.34;
/** Arrows begin and end beside their stones. */
const GAP_PX = STONE_PX * 0.75;
/** On the screen: a stone seen from afar is still seen. */
const LEAST_STONE_PX = 7;

interface Stroke {
  path: Path2D;
  fill: boolean;
  stroke: number;
  dash: number[];
}

/** The silhouettes of the stones as paths: the same shapes as everywhere, read once from their SVG. */
function readShapes(): Record<StatusKey, Stroke[]> {
  const read = (shape: string): Stroke[] => {
    const svg = new DOMParser().parseFromString(`<svg xmlns="http://www.w3.org/2000/svg">${shape}</svg>`, "image/svg+xml");
    return [...svg.querySelectorAll("path")].map((path) => {
      const own = (name: string) => path.getAttribute(name) ?? path.closest(`[${name}]`)?.getAttribute(name) ?? "";
      return {
        path: new Path2D(path.getAttribute("d") ?? ""),
        fill: own("fill") === "currentColor",
        stroke: own("stroke") === "currentColor" ? Number(own("stroke-width")) : 0,
        dash: own("stroke-dasharray").split(" ").map(Number).filter(Boolean),
      };
    });
  };
  return {
    draft: read(STONE_SHAPES.draft),
    proposed: read(STONE_SHAPES.proposed),
    accepted: read(STONE_SHAPES.accepted),
    rejected: read(STONE_SHAPES.rejected),
    deprecated: read(STONE_SHAPES.deprecated),
    superseded: read(STONE_SHAPES.superseded),
  };
}

let shapes: Record<StatusKey, Stroke[]> | undefined;

export interface Colours {
  ground: string;
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  focus: string;
  danger: string;
  statuses: Record<StatusKey, string>;
}

/** The colours of the theme as it is now. */
export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const role = (name: string) => style.getPropertyValue(name).trim();
  return {
    ground: role("--surface"),
    ink: role("--ink"),
    ink2: role("--ink-2"),
    ink3: role("--ink-3"),
    line: role("--line-soft"),
    focus: role("--accent"),
    danger: role("--st-rejected"),
    statuses: {
      draft: role("--st-draft"),
      proposed: role("--st-proposed"),
      accepted: role("--st-accepted"),
      rejected: role("--st-rejected"),
      deprecated: role("--st-deprecated"),
      superseded: role("--st-superseded"),
    },
  };
}

export interface Scene {
  graph: Graph;
  layout: Layout;
  colours: Colours;
  /** What is looked at, and what stands near it; everything where nothing is. */
  focus: number | undefined;
  near: ReadonlySet<number> | undefined;
  fonts: { ui: string; mono: string };
}

function dashOf({ kind, section }: Arrow): number[] {
  if (kind === LinkKind.RELATES_TO) return [1.5, 3.5];
  if (kind === LinkKind.CONFLICTS_WITH) return [7, 3, 1.5, 3];
  return section === "" ? [] : [6, 4];
}

const isStrong = ({ kind }: Arrow) => kind === LinkKind.SUPERSEDES || kind === LinkKind.AMENDS;

function colourOf({ colours }: Scene, arrow: Arrow): string {
  if (arrow.kind === LinkKind.CONFLICTS_WITH) return colours.danger;
  return isStrong(arrow) ? colours.statuses.superseded : colours.ink3;
}

/** Many lines while they move, or while they are too small to be told apart: straight, thin, and one stroke a colour. */
function drawMany(context: CanvasRenderingContext2D, scene: Scene, arrows: readonly Arrow[], scale: number): void {
  const byColour = new Map<string, Path2D>();
  for (const arrow of arrows) {
    const from = scene.layout.nodes[arrow.from];
    const to = scene.layout.nodes[arrow.to];
    if (from === undefined || to === undefined) continue;
    const colour = colourOf(scene, arrow);
    const path = byColour.get(colour) ?? new Path2D();
    byColour.set(colour, path);
    path.moveTo(from.x, from.y);
    path.lineTo(to.x, to.y);
  }
  context.lineWidth = 0.7 / scale;
  for (const [colour, path] of byColour) {
    context.strokeStyle = colour;
    context.globalAlpha = colour === scene.colours.ink3 ? 0.12 : 0.8;
    context.stroke(path);
  }
  context.globalAlpha = 1;
}

/** Where lines run that stay in a column: between its titles and those of the next, what goes farther outside. */
function laneOf(from: Placed, to: Placed): number {
  return from.x - GAP_PX + COLUMN_PX / 2 - 6 + Math.min(12, Math.abs(to.y - from.y) / 40);
}

/** The line of an arrow from one end to the other, past the titles between them. */
function trace(context: CanvasRenderingContext2D, from: Placed, to: Placed, route: readonly Placed[]): void {
  context.beginPath();
  context.moveTo(from.x, from.y);
  if (from.x === to.x) {
    const lane = laneOf(from, to);
    const corner = Math.min(CORNER_PX, Math.abs(to.y - from.y) / 2);
    context.arcTo(lane, from.y, lane, to.y, corner);
    context.arcTo(lane, to.y, to.x, to.y, corner);
    context.lineTo(to.x, to.y);
    return;
  }
  const forward = to.x > from.x ? 1 : -1;
  let at = from;
  const bendTo = (next: Placed) => {
    const bend = Math.abs(next.x - at.x) * 0.5 * forward;
    context.bezierCurveTo(at.x + bend, at.y, next.x - bend, next.y, next.x, next.y);
  };
  for (const { x, y } of route) {
    bendTo({ x: x - LEVEL_PX * forward, y });
    at = { x: x + LEVEL_PX * forward, y };
    context.lineTo(at.x, at.y);
  }
  bendTo(to);
}

function drawArrow(context: CanvasRenderingContext2D, scene: Scene, arrow: Arrow, scale: number): void {
  const from = scene.layout.nodes[arrow.from];
  const to = scene.layout.nodes[arrow.to];
  if (from === undefined || to === undefined) return;
  const forward = to.x >= from.x ? 1 : -1;
  const same = to.x === from.x;
  const [x1, x2] = same ? [from.x + GAP_PX, to.x + GAP_PX] : [from.x + GAP_PX * forward, to.x - (GAP_PX + 3) * forward];
  context.strokeStyle = colourOf(scene, arrow);
  context.lineWidth = (isStrong(arrow) ? 2 : 1.4) / Math.max(0.6, Math.min(1, scale * 1.4));
  context.setLineDash(dashOf(arrow));
  trace(context, { x: x1, y: from.y }, { x: x2, y: to.y }, scene.layout.routes.get(arrow) ?? []);
  context.stroke();
  context.setLineDash([]);
  if (arrow.kind === LinkKind.CONFLICTS_WITH || scale < 0.25) return;
  const tip = same ? -1 : forward;
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.moveTo(x2 + 3 * tip, to.y);
  context.lineTo(x2 - 6 * tip, to.y - 4);
  context.lineTo(x2 - 6 * tip, to.y + 4);
  context.fill();
}

function drawStone(context: CanvasRenderingContext2D, key: StatusKey, x: number, y: number, colour: string): void {
  shapes ??= readShapes();
  context.save();
  context.translate(x - STONE_PX / 2, y - STONE_PX / 2);
  context.scale(STONE_PX / 16, STONE_PX / 16);
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineCap = "round";
  for (const { path, fill, stroke, dash } of shapes[key]) {
    if (fill) context.fill(path);
    if (stroke > 0) {
      context.lineWidth = stroke;
      context.setLineDash(dash);
      context.stroke(path);
    }
  }
  context.restore();
}

const sprites = new Map<string, HTMLCanvasElement>();

/** A stone drawn once and copied: from afar there are a thousand, and none is large. */
function drawSprite(context: CanvasRenderingContext2D, key: StatusKey, { x, y }: Placed, size: number, colour: string): void {
  const name = `${key} ${colour}`;
  let sprite = sprites.get(name);
  if (sprite === undefined) {
    sprite = document.createElement("canvas");
    sprite.width = sprite.height = STONE_PX;
    const own = sprite.getContext("2d");
    if (own !== null) drawStone(own, key, STONE_PX / 2, STONE_PX / 2, colour);
    sprites.set(name, sprite);
  }
  context.drawImage(sprite, x - size / 2, y - size / 2, size, size);
}

const wrapped = new Map<string, string[]>();

/** A title in two lines at most, cut where there is no room. */
function linesOf(context: CanvasRenderingContext2D, title: string): string[] {
  const known = wrapped.get(title);
  if (known !== undefined) return known;
  const fits = (text: string) => context.measureText(text).width <= LABEL_PX;
  const lines: string[] = [];
  let line = "";
  for (const word of title.split(/\s+/u)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (fits(longer) || line === "") line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  if (lines.length > 2) lines.splice(1, Infinity, `${lines[1] ?? ""}…`);
  const shown = lines.map((text) => {
    let cut = text;
    while (!fits(cut) && cut.length > 4) cut = `${cut.slice(0, -2).trimEnd()}…`;
    return cut;
  });
  wrapped.set(title, shown);
  return shown;
}

function label(context: CanvasRenderingContext2D, ground: string, text: string, x: number, y: number): void {
  context.strokeStyle = ground;
  context.lineWidth = 6;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function drawYears(context: CanvasRenderingContext2D, scene: Scene, view: View, height: number): void {
  const { colours, fonts } = scene;
  context.font = `500 12px ${fonts.ui}`;
  context.textAlign = "left";
  let free = -Infinity;
  for (const { x, year } of scene.layout.years) {
    const at = x * view.scale + view.x;
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height - 26);
    context.stroke();
    if (at < free) continue;
    context.fillStyle = colours.ink2;
    context.fillText(year, at + 6, height - 10);
    free = at + 44;
  }
}

/** More lines than this are simplified while they move, and while they are seen from afar. */
const MANY = 300;
const AFAR = 0.25;

export interface Frame {
  width: number;
  height: number;
  moving: boolean;
}

/** Draws what can be seen of the scene at once. Sizes in CSS pixels. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, view: View, frame: Frame): void {
  const steps = paintInSteps(context, scene, view, frame);
  while (steps.next().done !== true);
}

/** So much is drawn in one step: the others can wait for the next frame. */
const STEP = 20;

/** The same in steps: whoever takes them decides how many belong to a frame. */
export function* paintInSteps(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  { width, height, moving }: Frame,
): Generator<void, void> {
  const { graph, layout, colours, near, focus, fonts } = scene;
  const ratio = devicePixelRatio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, width, height);
  drawYears(context, scene, view, height);
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  const left = -view.x / view.scale - 100;
  const right = left + width / view.scale + 200;
  const top = -view.y / view.scale - 60;
  const bottom = top + height / view.scale + 120;
  const seen = (place: number) => {
    const node = layout.nodes[place];
    return node !== undefined && node.x > left && node.x < right && node.y > top && node.y < bottom;
  };
  const arrows = graph.arrows.filter((arrow) => {
    const a = layout.nodes[arrow.from];
    const b = layout.nodes[arrow.to];
    if (a === undefined || b === undefined) return false;
    if (Math.max(a.x, b.x) < left || Math.min(a.x, b.x) > right) return false;
    let [highest, lowest] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
    for (const { y } of layout.routes.get(arrow) ?? []) [highest, lowest] = [Math.min(highest, y), Math.max(lowest, y)];
    return lowest >= top && highest <= bottom;
  });
  const many = arrows.length > MANY && (moving || (view.scale < AFAR && near === undefined));
  if (many) drawMany(context, scene, arrows, view.scale);
  const own = ({ from, to }: Arrow) => from === focus || to === focus;
  for (const [index, arrow] of (many ? arrows.filter(own) : arrows).entries()) {
    if (index % STEP === STEP - 1) yield;
    context.globalAlpha = near === undefined || own(arrow) ? 1 : FAINT;
    drawArrow(context, scene, arrow, view.scale);
  }
  const small = view.scale < REFS_FROM;
  for (const [place, decision] of graph.decisions.entries()) {
    if (!seen(place)) continue;
    if (place % STEP === STEP - 1 && !small) yield;
    const { x, y } = layout.nodes[place] ?? { x: 0, y: 0 };
    context.globalAlpha = near === undefined || near.has(place) ? 1 : FAINT;
    const key = statusKey(decision.status);
    if (small) drawSprite(context, key, { x, y }, Math.max(STONE_PX, LEAST_STONE_PX / view.scale), colours.statuses[key]);
    else drawStone(context, key, x, y, colours.statuses[key]);
    if (place === focus) {
      context.strokeStyle = colours.focus;
      context.lineWidth = 2;
      context.beginPath();
      context.roundRect(x - 19, y - 17, 38, 34, 13);
      context.stroke();
    }
    context.textAlign = "center";
    if (view.scale >= REFS_FROM) {
      context.font = `500 12px ${fonts.mono}`;
      context.fillStyle = colours.ink2;
      label(context, colours.ground, decision.number === undefined ? "" : decision.ref.replace(/^ADR-/u, ""), x, y - 20);
    }
    if (view.scale >= TITLES_FROM || near?.has(place) === true) {
      context.font = `540 13px ${fonts.ui}`;
      context.fillStyle = colours.ink;
      linesOf(context, decision.title).forEach((line, index) => label(context, colours.ground, line, x, y + 31 + 16 * index));
    }
  }
  context.globalAlpha = 1;
}
