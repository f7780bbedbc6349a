/**
 * Words that people read belong into a catalogue (src/text/README.md). This rule finds them where they stand in JSX, in
 * attributes that are shown or spoken, and in objects that describe entries: crumbs, options, menu items, notes.
 */
const SHOWN = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-placeholder",
  "aria-roledescription",
  "aria-valuetext",
  "error",
  "heading",
  "hint",
  "label",
  "legend",
  "message",
  "note",
  "placeholder",
  "refusal",
  "shown",
  "summary",
  "title",
]);
// What a person types is the same in every language.
const VERBATIM = new Set(["code", "kbd", "samp", "style", "svg"]);
const WORD = /\p{L}{2}/u;
// Names are the same everywhere.
const OWN_NAME = /\b(?:Cairn|Anthropic|OpenAI|Gemini|Azure)\b/gu;

function isVerbatim(node) {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.type === "JSXElement" && VERBATIM.has(parent.openingElement.name.name)) return true;
  }
  return false;
}

/** The pieces of text that an expression may show: through conditions, fallbacks and templates. */
function piecesOf(node) {
  switch (node?.type) {
    case "Literal":
      return typeof node.value === "string" ? [{ node, text: node.value }] : [];
    case "TemplateLiteral":
      return [{ node, text: node.quasis.map((quasi) => quasi.value.cooked).join("") }, ...node.expressions.flatMap(piecesOf)];
    case "ConditionalExpression":
      return [...piecesOf(node.consequent), ...piecesOf(node.alternate)];
    case "LogicalExpression":
      return [...piecesOf(node.left), ...piecesOf(node.right)];
    case "BinaryExpression":
      return node.operator === "+" ? [...piecesOf(node.left), ...piecesOf(node.right)] : [];
    case "JSXExpressionContainer":
      return piecesOf(node.expression);
    default:
      return [];
  }
}

const literals = {
  meta: {
    type: "problem",
    schema: [],
    messages: { literal: 'Take "{{text}}" from a catalogue: src/text/README.md tells how.' },
  },
  create(context) {
    const report = (node, text) => {
      if (WORD.test(text.replace(OWN_NAME, ""))) context.report({ node, messageId: "literal", data: { text: text.trim().slice(0, 60) } });
    };
    return {
      JSXText: (node) => isVerbatim(node) || report(node, node.value),
      JSXAttribute(node) {
        if (!SHOWN.has(node.name.name)) return;
        for (const { node: piece, text } of piecesOf(node.value)) report(piece, text);
      },
      "JSXElement > JSXExpressionContainer, JSXFragment > JSXExpressionContainer"(node) {
        if (isVerbatim(node)) return;
        for (const { node: piece, text } of piecesOf(node.expression)) report(piece, text);
      },
      Property(node) {
        if (node.parent.type !== "ObjectExpression" || !SHOWN.has(node.key.name ?? node.key.value)) return;
        for (const { node: piece, text } of piecesOf(node.value)) report(piece, text);
      },
    };
  },
};

/** A text that is read while its module loads stays English: the other language may not be there yet. */
const late = {
  meta: {
    type: "problem",
    schema: [],
    messages: { early: "Read texts where they are shown, inside a function: here the language may not be there yet." },
  },
  create(context) {
    const catalogues = new Set();
    return {
      ImportDeclaration(node) {
        if (!/(?:^|\/)texts(?:\/|$)/u.test(node.source.value) || node.importKind === "type") return;
        for (const specifier of node.specifiers) catalogues.add(specifier.local.name);
      },
      MemberExpression(node) {
        if (node.object.type !== "Identifier" || !catalogues.has(node.object.name)) return;
        for (let parent = node.parent; parent; parent = parent.parent) {
          if (/Function/u.test(parent.type)) return;
        }
        context.report({ node, messageId: "early" });
      },
    };
  },
};

export default { rules: { literals, late } };
