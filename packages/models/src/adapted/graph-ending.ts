import { requireArgument } from "@awp/core/authoring";
import type { Ending } from "./ending";

/** The part of a `tf.GraphModel` by which its end is found. */
export interface GraphOutputs {
  readonly outputNodes?: readonly string[];
}

/** What a loaded `tf.GraphModel` keeps of its file; not part of its types. */
interface GraphArtifacts {
  readonly modelTopology?: { readonly node?: readonly GraphNode[] };
  readonly signature?: { readonly outputs?: Readonly<Record<string, { readonly name?: string } | undefined>> };
}

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
}

/** Operations that pass on their first input, or give it another form. */
const transparent = new Set(["Identity", "Reshape", "Squeeze", "StopGradient"]);

const squashing = new Set(["Softmax", "Sigmoid"]);

/** Operations behind which nothing is squashed any more. */
const affine = new Set([
  ...["Add", "AddV2", "BiasAdd", "Conv2D", "LogSoftmax", "MatMul", "Relu", "_FusedConv2D", "_FusedMatMul"],
]);

/**
 * What a graph shows of its end, with the name of the node before the softmax or sigmoid; undefined for a graph that
 * cannot be seen. Throws an `ArgumentError` if there are several outputs.
 */
export function endingOfGraphModel(model: GraphOutputs): Ending<string> | undefined {
  const { outputNodes } = model;
  const { modelTopology, signature } = (model as { readonly artifacts?: GraphArtifacts }).artifacts ?? {};
  requireArgument((outputNodes?.length ?? 1) === 1, "model", outputNodes, "one output [batch, classes]");
  const [output] = outputNodes ?? [];
  if (output === undefined || modelTopology?.node === undefined) return undefined;

  const nodes = new Map(modelTopology.node.map((node) => [node.name, node]));
  let node = nodes.get(nodeName(signature?.outputs?.[output]?.name ?? output));
  while (node !== undefined && transparent.has(node.op)) node = nodes.get(nodeName(node.input?.[0] ?? ""));
  if (node === undefined) return { answer: "unknown", shownBy: output };
  const { name: shownBy, op, input } = node;
  if (squashing.has(op)) return { answer: "probabilities", shownBy, bare: input?.[0] as string };
  return { answer: affine.has(op) ? "logits" : "unknown", shownBy: `${shownBy} (${op})` };
}

/** A node's name without the number of its output, where that is the first. */
function nodeName(reference: string): string {
  return reference.replace(/:0$/, "");
}
