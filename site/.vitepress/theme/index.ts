import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { Drawing } from "./drawing";
import "./tables.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("Drawing", Drawing);
  },
} satisfies Theme;
