/* What `import * as tf from "@tensorflow/tfjs"` gives, as far as the examples need it. */
import type { GraphModelLike } from "@awp/models";
import type { io } from "@tensorflow/tfjs-core";

export * from "@tensorflow/tfjs-core";
export { loadLayersModel } from "@tensorflow/tfjs-layers";
export declare function loadGraphModel(from: string | io.IOHandler): Promise<GraphModelLike>;
