import type { Layout } from "./layout";
import type { Graph } from "./model";
import { type Colours, paint, paintInSteps, readColours, type Scene, TITLES_FROM, type View } from "./paint";

const NEAREST = 2;
const FARTHEST = 0.04;
const FIT_MOST = 1.1;
const MARGIN_PX = 26;
const YEARS_PX = 16;
const EDGE_PX = 60;
/** In a frame narrower than this the whole is too small to be read, so that its latest part is shown at first. */
const NARROW_PX = 700;
const RESTS_MS = 160;
/** What a frame may spend on the drawing in full, so that whoever moves it again is not kept waiting. */
const STEPS_MS = 6;
const TOUCH_PX = 24;
/** A press that moves less than this is a choice, not a drag. */
const CHOICE_PX = 5;

/** What is on the stage. */
export interface Shown {
  graph: Graph;
  layout: Layout;
  focus: number | undefined;
  near: ReadonlySet<number> | undefined;
}

/** The canvas with its camera: pan by dragging, zoom by pinching or by Ctrl and the wheel. */
export class Stage {
  /** Called after each drawing with what of the plane is seen. */
  onView: (view: View) => void = () => undefined;
  private view: View = { x: 0, y: 0, scale: 1 };
  private chosen: (place: number | undefined) => void = () => undefined;
  private shown: Shown | undefined;
  private asked = 0;
  private readonly over = new AbortController();
  private readonly down = new Map<number, { x: number; y: number }>();
  private moved = 0;
  /** When it was last dragged or zoomed, and what draws it in full once it rests. */
  private movedAt = -Infinity;
  private rest: ReturnType<typeof setTimeout> | undefined;
  /** Where it is drawn in full, out of sight; shown when it is complete. */
  private readonly behind = document.createElement("canvas");
  private stepping = 0;
  private colours: Colours | undefined;

  constructor(
    private readonly frame: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
  ) {
    const { signal } = this.over;
    const draw = () => {
      this.colours = undefined;
      this.draw();
    };
    const sizes = new ResizeObserver(() => this.begin());
    sizes.observe(frame);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    signal.addEventListener("abort", () => {
      sizes.disconnect();
      themes.disconnect();
      cancelAnimationFrame(this.asked);
      cancelAnimationFrame(this.stepping);
      clearTimeout(this.rest);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal });
    void document.fonts.ready.then(draw);
    frame.addEventListener("pointerdown", (event) => this.press(event), { signal });
    frame.addEventListener("pointermove", (event) => this.drag(event), { signal });
    frame.addEventListener("pointerup", (event) => this.release(event), { signal });
    frame.addEventListener("pointercancel", (event) => this.release(event), { signal });
    frame.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
  }

  end(): void {
    this.over.abort();
  }

  /** Says who is told of the place that is pressed; undefined beside all of them. */
  listen(chosen: (place: number | undefined) => void): void {
    this.chosen = chosen;
  }

  show(shown: Shown): void {
    const other = this.shown?.layout !== shown.layout;
    this.shown = shown;
    if (other) this.begin();
    else this.draw();
  }

  /** What is seen at first: all of it, or on a phone as much as can be read, with the latest at the right. */
  private begin(): void {
    this.fit();
    if (this.shown === undefined || this.view.scale >= TITLES_FROM || this.frame.clientWidth >= NARROW_PX) return;
    const { x, y } = this.shown.layout.nodes.at(-1) ?? { x: 0, y: 0 };
    const { clientWidth: width, clientHeight: height } = this.frame;
    const tall = this.shown.layout.height * TITLES_FROM;
    this.view = {
      scale: TITLES_FROM,
      x: width - EDGE_PX - x * TITLES_FROM,
      y: tall < height ? (height - tall) / 2 : height / 2 - y * TITLES_FROM,
    };
    this.draw();
  }

  /** The whole of it, as large as fits. */
  fit(): void {
    if (this.shown === undefined) return;
    const { layout } = this.shown;
    const { clientWidth: width, clientHeight } = this.frame;
    const height = clientHeight - YEARS_PX;
    const scale = Math.max(
      FARTHEST,
      Math.min(
        FIT_MOST,
        (width - 2 * MARGIN_PX) / Math.max(1, layout.width),
        (height - 2 * MARGIN_PX) / Math.max(1, layout.height),
      ),
    );
    this.view = { scale, x: (width - layout.width * scale) / 2, y: (height - layout.height * scale) / 2 };
    this.draw();
  }

  /** Around a point of the frame, or its middle. */
  zoom(factor: number, x = this.frame.clientWidth / 2, y = this.frame.clientHeight / 2): void {
    const old = this.view;
    const scale = Math.max(FARTHEST, Math.min(NEAREST, old.scale * factor));
    const grown = scale / old.scale;
    this.view = { scale, x: x - (x - old.x) * grown, y: y - (y - old.y) * grown };
    this.movedAt = performance.now();
    this.draw();
  }

  /** Brings a place into sight, if it is not. */
  reveal(place: number): void {
    const node = this.shown?.layout.nodes[place];
    if (node === undefined) return;
    const { scale, x, y } = this.view;
    const within = (at: number, size: number) =>
      at < EDGE_PX ? EDGE_PX - at : at > size - EDGE_PX ? size - EDGE_PX - at : 0;
    const right = within(node.x * scale + x, this.frame.clientWidth);
    const down = within(node.y * scale + y, this.frame.clientHeight);
    this.view = { scale, x: x + right, y: y + down };
    this.draw();
  }

  /** The place under a point of the screen. */
  nodeAt(clientX: number, clientY: number): number | undefined {
    const box = this.frame.getBoundingClientRect();
    const { x, y, scale } = this.view;
    let best: number | undefined;
    let least = Math.max(TOUCH_PX, TOUCH_PX * scale);
    this.shown?.layout.nodes.forEach((node, place) => {
      const far = Math.hypot(node.x * scale + x - clientX + box.left, node.y * scale + y - clientY + box.top);
      if (far < least) [best, least] = [place, far];
    });
    return best;
  }

  private draw(): void {
    if (this.asked !== 0) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.drawNow();
    });
  }

  private drawNow(): void {
    const { canvas, shown } = this;
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null || shown === undefined) return;
    const { clientWidth, clientHeight } = canvas;
    const [width, height] = [Math.round(clientWidth * devicePixelRatio), Math.round(clientHeight * devicePixelRatio)];
    const same = canvas.width === width && canvas.height === height;
    if (!same) Object.assign(canvas, { width, height });
    const style = getComputedStyle(document.documentElement);
    const fonts = { ui: style.getPropertyValue("--font-ui"), mono: style.getPropertyValue("--font-mono") };
    const scene = { ...shown, colours: (this.colours ??= readColours()), fonts };
    const moving = performance.now() - this.movedAt < RESTS_MS;
    cancelAnimationFrame(this.stepping);
    clearTimeout(this.rest);
    const size = { width: clientWidth, height: clientHeight };
    if (moving || !same) paint(context, scene, this.view, { ...size, moving: true });
    if (!moving) this.drawBehind(context, scene, size);
    else this.rest = setTimeout(() => this.draw(), RESTS_MS);
    canvas.dataset["drawn"] = String(shown.graph.decisions.length);
    this.onView(this.view);
  }

  /** Draws it in full over as many frames as that takes, and shows it whole. */
  private drawBehind(context: CanvasRenderingContext2D, scene: Scene, size: { width: number; height: number }): void {
    const { width, height } = this.canvas;
    Object.assign(this.behind, { width, height });
    const hidden = this.behind.getContext("2d", { alpha: false, willReadFrequently: true });
    if (hidden === null) return;
    const steps = paintInSteps(hidden, scene, this.view, { ...size, moving: false });
    const step = () => {
      const until = performance.now() + STEPS_MS;
      let done = false;
      while (!done && performance.now() < until) {
        done = steps.next().done === true;
        // A canvas draws what it was told when somebody looks: otherwise all of it would be drawn in the last frame.
        hidden.getImageData(0, 0, 1, 1);
      }
      if (!done) this.stepping = requestAnimationFrame(step);
      else {
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.drawImage(this.behind, 0, 0);
      }
    };
    step();
  }

  private within(event: MouseEvent): { x: number; y: number } {
    const box = this.frame.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private press(event: PointerEvent): void {
    const control = event.target instanceof Element && event.target.closest("a, button, .chosen") !== null;
    if (event.button !== 0 || control) return;
    this.down.set(event.pointerId, this.within(event));
    if (this.down.size === 1) this.moved = 0;
  }

  private drag(event: PointerEvent): void {
    const before = this.down.get(event.pointerId);
    if (before === undefined) return;
    const now = this.within(event);
    if (!this.frame.hasPointerCapture(event.pointerId)) this.frame.setPointerCapture(event.pointerId);
    this.moved += Math.hypot(now.x - before.x, now.y - before.y);
    this.down.set(event.pointerId, now);
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) {
      const { x, y, scale } = this.view;
      this.view = { scale, x: x + now.x - before.x, y: y + now.y - before.y };
      this.movedAt = performance.now();
      this.draw();
      return;
    }
    const grown = Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
    this.zoom(grown, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  private release(event: PointerEvent): void {
    if (!this.down.delete(event.pointerId)) return;
    if (event.type === "pointerup" && this.moved < CHOICE_PX) this.chosen(this.nodeAt(event.clientX, event.clientY));
  }

  private wheel(event: WheelEvent): void {
    // The plain wheel scrolls the page: the list stands below.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { x, y } = this.within(event);
    this.zoom(Math.exp(-event.deltaY / 240), x, y);
  }
}
