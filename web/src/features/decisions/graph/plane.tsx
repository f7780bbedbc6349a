import { Link, useNavigate } from "@tanstack/react-router";
import { type JSX, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icons";
import { statusName } from "@/ui/status";
import { StatusLabel } from "@/ui/stone";

import { t } from "../texts/graph";
import { layOut, type Placed } from "./layout";
import { type Graph, neighboursOf } from "./model";
import type { View } from "./paint";
import { Stage } from "./stage";

const NO_ONE = -1;

function yearOf(decision: DecisionSummary): string {
  return decision.decidedOn.slice(0, 4);
}

/** The year of each; one without a date stands in that of the one before it. */
function yearsOf(decisions: readonly DecisionSummary[]): string[] {
  let year = yearOf(decisions.find((one) => one.decidedOn !== "") ?? ({ decidedOn: "" } as DecisionSummary));
  return decisions.map((decision) => {
    const own = yearOf(decision);
    if (own > year) year = own;
    return year;
  });
}

/** The nearest place that lies in a direction; what lies aside counts as farther. */
function nearestIn(nodes: readonly Placed[], from: number, key: string): number | undefined {
  const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  const here = nodes[from];
  if (way === undefined || here === undefined) return undefined;
  const [right = 0, down = 0] = way;
  let best: number | undefined;
  let least = Infinity;
  nodes.forEach((node, place) => {
    const [x, y] = [node.x - here.x, node.y - here.y];
    const along = x * right + y * down;
    const aside = Math.abs(x * down) + Math.abs(y * right);
    const far = along + 2 * aside;
    if (place === from || along <= 0 || far >= least) return;
    least = far;
    best = place;
  });
  return best;
}

interface PlaneProps {
  graph: Graph;
  focus: string | undefined;
  onFocus: (id: string | undefined) => void;
}

/** A stage on a frame and its canvas, and what of the plane it shows. */
function useStage(canvas: React.RefObject<HTMLCanvasElement | null>) {
  const [stage, setStage] = useState<Stage | null>(null);
  const [view, setView] = useState<View>({ x: 0, y: 0, scale: 1 });
  const attach = useCallback(
    (frame: HTMLDivElement | null) => {
      if (frame === null || canvas.current === null) return undefined;
      const made = new Stage(frame, canvas.current);
      made.onView = setView;
      setStage(made);
      return () => {
        made.end();
        setStage(null);
      };
    },
    [canvas],
  );
  return { stage, view, attach };
}

/** The graph on a canvas; the decision under the pointer and the one at the keyboard are real links over it. */
export function Plane({ graph, focus, onFocus }: PlaneProps): JSX.Element {
  const navigate = useNavigate();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { stage, view, attach } = useStage(canvas);
  const layout = useMemo(() => layOut(yearsOf(graph.decisions), graph.arrows), [graph]);
  const focused = graph.decisions.findIndex((one) => one.id === focus);
  const [current, setCurrent] = useState(NO_ONE);
  const [hovered, setHovered] = useState(NO_ONE);
  const centre = hovered !== NO_ONE ? hovered : focused;
  const near = useMemo(() => (centre === NO_ONE ? undefined : neighboursOf(graph, centre)), [graph, centre]);
  useEffect(() => {
    stage?.show({ graph, layout, near, focus: centre === NO_ONE ? undefined : centre });
  }, [stage, graph, layout, near, centre]);
  useEffect(() => {
    stage?.listen((place) => onFocus(place === undefined ? undefined : graph.decisions[place]?.id));
  }, [stage, graph, onFocus]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const at = current === NO_ONE ? Math.max(0, focused) : current;
    const to = nearestIn(layout.nodes, at, event.key);
    if (to !== undefined) {
      setCurrent(to);
      stage?.reveal(to);
    } else if (event.key === "f") onFocus(at === focused ? undefined : graph.decisions[at]?.id);
    else if (event.key === "Escape" && focused !== NO_ONE) onFocus(undefined);
    else if (event.key === "+" || event.key === "=") stage?.zoom(1.25);
    else if (event.key === "-") stage?.zoom(0.8);
    else if (event.key === "0") stage?.fit();
    else return;
    event.preventDefault();
  };
  const linkTo = (place: number, moves: boolean) => {
    const decision = graph.decisions[place];
    const node = layout.nodes[place];
    if (decision === undefined || node === undefined) return null;
    return (
      <NodeLink
        key={`${moves ? "at" : "under"} ${decision.id}`}
        decision={decision}
        focuses={moves && current !== NO_ONE}
        style={{ left: node.x * view.scale + view.x, top: node.y * view.scale + view.y }}
        onChoose={() => onFocus(decision.id)}
        onOpen={() => void navigate({ to: "/decisions/$ref", params: { ref: decision.id } })}
        {...(!moves && { onLeave: () => setHovered(NO_ONE) })}
      />
    );
  };
  const chosen = focused === NO_ONE ? undefined : graph.decisions[focused];
  return (
    <div className="plane" ref={attach}>
      <canvas
        ref={canvas}
        aria-hidden="true"
        onPointerMove={(event) => {
          if (event.pointerType !== "mouse" || event.buttons !== 0) return;
          setHovered(stage?.nodeAt(event.clientX, event.clientY) ?? NO_ONE);
        }}
      />
      {/* The keys of the link inside pass here. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div role="group" aria-label={t.graphKeys} onKeyDown={onKeyDown} onBlur={() => setHovered(NO_ONE)}>
        {linkTo(current === NO_ONE ? Math.max(0, focused) : current, true)}
        {hovered !== NO_ONE && hovered !== current && linkTo(hovered, false)}
      </div>
      <div className="zoom">
        <IconButton label={t.closer} onClick={() => stage?.zoom(1.4)}>
          <Icon name="plus" />
        </IconButton>
        <IconButton label={t.farther} onClick={() => stage?.zoom(1 / 1.4)}>
          <Icon name="minus" />
        </IconButton>
        <IconButton label={t.all} onClick={() => stage?.fit()}>
          <Icon name="fit" />
        </IconButton>
      </div>
      {chosen && (
        <div className="chosen pop">
          <div>
            <StatusLabel status={chosen.status} /> <span className="id">{chosen.ref}</span>
          </div>
          <p>{chosen.title}</p>
          <div className="acts">
            <Link to="/decisions/$ref" params={{ ref: chosen.id }} className={buttonClass()}>
              {t.open}
            </Link>
            <Button look="ghost" onClick={() => onFocus(undefined)}>
              {t.showAll}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}

interface NodeLinkProps {
  decision: DecisionSummary;
  style: React.CSSProperties;
  focuses: boolean;
  onChoose: () => void;
  onOpen: () => void;
  onLeave?: () => void;
}

function NodeLink({ decision, style, focuses, onChoose, onOpen, onLeave }: NodeLinkProps): JSX.Element {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (focuses) link.current?.focus({ preventScroll: true });
  }, [focuses]);
  return (
    <a
      ref={link}
      className="node"
      href={`/decisions/${decision.id}`}
      style={style}
      aria-label={t.node(decision.ref, decision.title, statusName(decision.status))}
      tabIndex={onLeave === undefined ? 0 : -1}
      onPointerLeave={onLeave}
      onDoubleClick={onOpen}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        // A click without a pointer is Enter.
        if (event.detail === 0) onOpen();
        else onChoose();
      }}
    />
  );
}
