import type { io } from "@tensorflow/tfjs-core";

/** A node of a graph as files have it. */
interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

const float = { T: { type: "DT_FLOAT" } };

/**
 * A graph of images `[1, 1, 2]`, times a matrix: the node `scores`; then the nodes of `end`. Its outputs have names of their
 * own, as in converted models.
 */
export function graphArtifacts(end: readonly Node[], outputs: readonly string[]): io.ModelArtifacts {
  const size = (value: number) => ({ size: String(value) });
  const shape = { shape: { dim: [size(-1), size(1), size(1), size(2)] } };
  const constant = (name: string, dtype: string, length: number): Node => ({
    name,
    op: "Const",
    attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: { dim: [size(length)] } } } },
  });
  const node: Node[] = [
    { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape } },
    constant("kernel", "DT_FLOAT", 6),
    constant("rows", "DT_INT32", 2),
    constant("maps", "DT_INT32", 4),
    { name: "flat", op: "Reshape", input: ["x", "rows"], attr: float },
    { name: "scores", op: "MatMul", input: ["flat", "kernel"], attr: float },
    ...end,
  ];
  const weights = new ArrayBuffer(48);
  new Float32Array(weights, 0, 6).set([1, -2, 3, 0.5, 4, -1]);
  new Int32Array(weights, 24, 6).set([-1, 2, -1, 1, 1, 3]);
  return {
    format: "graph-model",
    modelTopology: { node, library: {}, versions: {} },
    signature: {
      inputs: { image: { name: "x:0" } },
      outputs: Object.fromEntries(outputs.map((name, index) => [`output_${index}`, { name: `${name}:0` }])),
    },
    weightSpecs: [
      { name: "kernel", shape: [2, 3], dtype: "float32" },
      { name: "rows", shape: [2], dtype: "int32" },
      { name: "maps", shape: [4], dtype: "int32" },
    ],
    weightData: weights,
  };
}
