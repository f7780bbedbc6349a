import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

import texts from "./eslint/texts.js";

export default tseslint.config(
  { ignores: ["dist/", "src/api/gen/", "eslint.config.js", "eslint/", "build/begin.js", "build/record-text.js"] },
  ...tseslint.configs.strictTypeChecked,
  reactHooks.configs.flat.recommended,
  jsxA11y.flatConfigs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "max-lines": ["error", { max: 500 }],
      "max-lines-per-function": ["error", { max: 120, skipBlankLines: true, skipComments: true }],
      // Numbers read well in templates; objects do not.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Rows that become grids on phones lose their meaning in some browsers, so the table keeps its roles explicitly.
      "jsx-a11y/no-interactive-element-to-noninteractive-role": ["error", { tr: ["row"], td: ["cell"] }],
      // TanStack Router navigates by throwing its own values.
      "@typescript-eslint/only-throw-error": "off",
      // No page builds its own parts, and no feature reaches around the generated client.
      "no-restricted-globals": ["error", { name: "fetch", message: "Use the generated client in api/clients.ts." }],
      "no-restricted-imports": [
        "error",
        { name: "react", importNames: ["lazy"], message: "Use lazyPart of text/lazy.ts: it waits for the texts as well." },
        {
          name: "@tanstack/react-router",
          importNames: ["lazyRouteComponent"],
          message: "Use lazyPage of text/lazy.ts: it waits for the texts as well.",
        },
      ],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/**/*.test.{ts,tsx}", "src/test/**", "src/**/texts/**"],
    plugins: { texts },
    rules: { "texts/literals": "error", "texts/late": "error" },
  },
);
