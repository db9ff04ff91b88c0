// Bundles page.js with webpack, as it comes; warnings are printed.
import webpack from "webpack";

const output = { path: new URL("webpack", import.meta.url).pathname, filename: "page.js", clean: true };
webpack({ mode: "production", entry: "./page.js", output }, (error, stats) => {
  if (error !== null || stats.hasErrors()) process.exitCode = 1;
  console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
});
