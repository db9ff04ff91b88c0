import { createHash } from "node:crypto";
import { script } from "./page-script";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d0d0, #454545); --quiet: light-dark(#595959, #b0b0b0);
  --0: light-dark(#0072b2, #56b4e9); --1: light-dark(#d55e00, #e69f00); --2: light-dark(#008060, #2fc99e);
  --3: light-dark(#a8487f, #e291c0); --4: light-dark(#7a6a00, #f0e442); --5: light-dark(#333333, #dddddd); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 76rem; padding: 0 1rem;
  background: light-dark(#fff, #16181a); color: light-dark(#1a1a1a, #ececec); }
h1 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .25rem; font-weight: 600; }
p { margin: .1rem 0; } .quiet { color: var(--quiet); }
#trainings { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; margin: 1rem 0; }
#charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.25rem; }
progress { width: 100%; height: .6rem; } svg { width: 100%; height: auto; display: block; touch-action: pan-y; }
svg text { font-size: 11px; fill: var(--quiet); } .grid { stroke: var(--line); } .curve { fill: none; stroke-width: 2; }
.key { display: inline-block; width: 1.6rem; height: 0; border-top: 3px solid; vertical-align: middle; margin-right: .5rem; }
.values { min-height: 1.5em; font-variant-numeric: tabular-nums; font-size: .85rem; }`;

/** The page: everything is in it, and it asks for nothing but its events. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>awp watch</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1 id="title">…</h1>
<p class="quiet" id="state" role="status">connecting</p>
<div id="trainings"></div>
<div id="charts"></div>
<script>${script}</script>
</body>
</html>
`;

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What the page may do: run its own script and style, and listen to where it came from. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
