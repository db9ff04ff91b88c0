import * as tf from "@tensorflow/tfjs-core";
import { AwpError, NoDerivativeError } from "../error";

/*
 * The only file that touches the internals of TensorFlow.js's engine. `engine.gradients` keeps every intermediate
 * gradient and every saved tensor until its end; this walk over the same tape disposes each after its last use, which
 * is most of the peak memory of a training step. `test/gradient/tape.test.ts` fails when the internals change.
 */

interface TapeNode {
  readonly kernelName: string;
  readonly inputs: tf.NamedTensorMap;
  readonly outputs: readonly tf.Tensor[];
  readonly saved?: readonly tf.Tensor[];
  readonly gradient?: (outputGradients: readonly (tf.Tensor | undefined)[]) => Record<string, () => tf.Tensor>;
}

interface TapedEngine {
  readonly state: { activeTape: TapeNode[] | null; readonly gradientDepth: number; readonly kernelDepth: number };
  startTape(): void;
  endTape(): void;
  gradients(
    f: () => tf.Tensor,
    xs: readonly tf.Tensor[],
    dy: undefined,
    allowNoGradients: true,
  ): { value: tf.Tensor; grads: (tf.Tensor | null | undefined)[] };
}

export interface Derivative {
  readonly value: tf.Tensor;
  /** The gradient of the sum of the value with respect to each input; undefined where no path leads. */
  readonly gradients: readonly (tf.Tensor | undefined)[];
}

/** A function that has run, to be differentiated as often as wanted. */
interface Recording {
  readonly value: tf.Tensor;
  /** The gradients of `Σ weights · value`; new tensors, undefined where no path leads. */
  readonly gradients: (xs: readonly tf.Tensor[], weights: tf.Tensor) => readonly (tf.Tensor | undefined)[];
  readonly dispose: () => void;
}

/** Runs `f` and differentiates the sum of its value with respect to `xs`. The caller owns the value and the gradients. */
export function walkBack(f: () => tf.Tensor, xs: readonly tf.Tensor[]): Derivative {
  const engine = tf.engine() as unknown as TapedEngine;
  // Inside another differentiation the outer tape must record this one: leave it to the engine.
  if (engine.state.gradientDepth > 0) return differentiateNested(engine, f, xs);

  const { value, tape } = record(engine, f);
  try {
    const gradients = tf.tidy(() => backpropagate(tape, value, xs, tf.onesLike(value), disposeSaved));
    return { value, gradients };
  } catch (error) {
    value.dispose();
    throw error;
  } finally {
    for (const node of tape) disposeSaved(node);
  }
}

/** Runs `f` once and keeps what its gradients need until `dispose`. */
export function recordOnce(f: () => tf.Tensor): Recording {
  const engine = tf.engine() as unknown as TapedEngine;
  if (engine.state.gradientDepth > 0) throw new AwpError("a recording cannot be made inside another differentiation");
  const { value, tape } = record(engine, f);
  return {
    value,
    gradients: (xs, weights) => tf.tidy(() => backpropagate(tape, value, xs, weights, () => undefined)),
    dispose: () => tape.forEach(disposeSaved),
  };
}

/**
 * The gradient of `Σ vectors · gradient of f` with respect to `xs`: the Hessian's product with the vectors, each of its
 * x's shape. Undefined where the gradient does not depend on an x. The caller owns the products.
 *
 * @throws NoDerivativeError where an operation lacks a second derivative, or hides what its gradient depends on.
 */
export function walkBackTwice(
  f: () => tf.Tensor,
  xs: readonly tf.Tensor[],
  vectors: readonly tf.Tensor[],
): readonly (tf.Tensor | undefined)[] {
  const engine = tf.engine() as unknown as TapedEngine;
  if (engine.state.gradientDepth > 0) {
    throw new AwpError("a second derivative cannot be taken inside another differentiation");
  }
  // The gradient is computed while the engine still records, so that its kernels are on the tape too.
  const { value: slope, tape } = record(engine, () => {
    const value = tf.clone(f());
    const forward = [...(engine.state.activeTape ?? [])];
    requireTraced(forward, value, xs);
    const gradients = backpropagate(forward, value, xs, tf.onesLike(value), () => undefined);
    const terms = gradients.map((gradient, k) => gradient && tf.sum(tf.mul(gradient, vectors[k] as tf.Tensor)));
    return tf.addN([tf.scalar(0), ...terms.filter((term) => term !== undefined)]);
  });
  try {
    return tf.tidy(() => backpropagate(sorted(tape), slope, xs, tf.onesLike(slope), disposeSaved));
  } finally {
    slope.dispose();
    for (const node of tape) disposeSaved(node);
  }
}

/**
 * The tape with each node behind those whose outputs it reads. The engine puts the copy of an output that a gradient
 * keeps in front of the node that makes it.
 */
function sorted(tape: readonly TapeNode[]): TapeNode[] {
  const makers = makersOf(tape);
  const seen = new Set<TapeNode>();
  const order: TapeNode[] = [];
  const place = (node: TapeNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const input of Object.values(node.inputs)) {
      const maker = makers.get(input?.id);
      if (maker !== undefined) place(maker);
    }
    order.push(node);
  };
  tape.forEach(place);
  return order;
}

/**
 * Throws unless the tape shows where all that the gradients read comes from: each tensor that a node has saved must be
 * the copy of one of its inputs, or of some node's output.
 */
function requireTraced(tape: readonly TapeNode[], value: tf.Tensor, xs: readonly tf.Tensor[]): void {
  const makers = makersOf(tape);
  for (const node of pathNodes(tape, value, new Set(xs.map(({ id }) => id))).keys()) {
    const inputs = new Set(Object.values(node.inputs).map((input) => input?.id));
    for (const { id } of node.saved ?? []) {
      const original = makers.get(id)?.inputs["x"]?.id;
      if (original !== undefined && (inputs.has(original) || makers.has(original))) continue;
      throw new NoDerivativeError(
        `no second derivative of ${named(node)}: its gradient reads a tensor that is neither an input nor an output`,
      );
    }
  }
}

/** The node that makes each tensor, by the tensor's id. */
function makersOf(tape: readonly TapeNode[]): ReadonlyMap<number | undefined, TapeNode> {
  return new Map(tape.flatMap((node) => node.outputs.map((output) => [output.id, node])));
}

function record(engine: TapedEngine, f: () => tf.Tensor): { value: tf.Tensor; tape: TapeNode[] } {
  let value: tf.Tensor | undefined;
  engine.startTape();
  try {
    // A handle of its own: f may return a tensor that is the caller's already.
    value = tf.tidy(() => tf.clone(f()));
  } finally {
    engine.endTape();
    if (value === undefined) for (const node of engine.state.activeTape ?? []) disposeSaved(node);
  }
  const tape = engine.state.activeTape ?? [];
  engine.state.activeTape = null;
  return { value, tape };
}

function backpropagate(
  tape: readonly TapeNode[],
  value: tf.Tensor,
  xs: readonly tf.Tensor[],
  weights: tf.Tensor,
  release: (node: TapeNode) => void,
): (tf.Tensor | undefined)[] {
  const wanted = new Set(xs.map((x) => x.id));
  const path = pathNodes(tape, value, wanted);
  for (const node of tape) if (!path.has(node)) release(node);

  const gradients = new Map<number, tf.Tensor>([[value.id, tf.clone(weights)]]);
  for (const node of [...tape].reverse()) {
    const inputs = path.get(node);
    if (inputs === undefined) continue;
    const outputGradients = node.outputs.map((output) => gradients.get(output.id));
    for (const [name, gradient] of nodeGradients(node, inputs, outputGradients)) {
      const { id } = node.inputs[name] as tf.Tensor;
      const sum = gradients.get(id);
      gradients.set(id, sum === undefined ? gradient : tf.add(sum, gradient));
      if (sum !== undefined) tf.dispose([sum, gradient]);
    }
    for (const output of node.outputs) {
      if (wanted.has(output.id)) continue;
      gradients.get(output.id)?.dispose();
      gradients.delete(output.id);
    }
    release(node);
  }
  return xs.map((x) => gradients.get(x.id));
}

/** The nodes on a path from a wanted tensor to the value, each with the names of its inputs on such a path. */
function pathNodes(tape: readonly TapeNode[], value: tf.Tensor, wanted: ReadonlySet<number>): Map<TapeNode, string[]> {
  const fromInputs = new Set<number | undefined>(wanted);
  const reached = new Map<TapeNode, string[]>();
  for (const node of tape) {
    const names = Object.keys(node.inputs).filter((name) => fromInputs.has(node.inputs[name]?.id));
    if (names.length === 0) continue;
    reached.set(node, names);
    // What is true or false, or an integer, has no slope: a path ends there.
    for (const output of node.outputs) if (output.dtype === "float32") fromInputs.add(output.id);
  }
  const toValue = new Set([value.id]);
  const path = new Map<TapeNode, string[]>();
  for (const node of [...tape].reverse()) {
    const names = reached.get(node);
    if (names === undefined || !node.outputs.some((output) => toValue.has(output.id))) continue;
    path.set(node, names);
    for (const name of names) toValue.add((node.inputs[name] as tf.Tensor).id);
  }
  return path;
}

function nodeGradients(
  node: TapeNode,
  inputs: readonly string[],
  outputGradients: readonly (tf.Tensor | undefined)[],
): [string, tf.Tensor][] {
  const { gradient } = node;
  if (gradient === undefined) throw new NoDerivativeError(`no gradient is registered for ${named(node)}`);
  const results = tf.tidy(() => {
    const byInput = gradient(outputGradients);
    return inputs.map((name) => {
      const compute = byInput[name];
      if (compute === undefined) throw new NoDerivativeError(`${named(node)} has no gradient for its input ${name}`);
      // A gradient may be the very tensor of the output's gradient, or of another input's: each gets a handle of its own.
      return tf.clone(compute());
    });
  });
  return inputs.map((name, index) => [name, results[index] as tf.Tensor]);
}

function differentiateNested(engine: TapedEngine, f: () => tf.Tensor, xs: readonly tf.Tensor[]): Derivative {
  const { value, grads } = engine.gradients(f, xs, undefined, true);
  return { value, gradients: grads.map((gradient) => gradient ?? undefined) };
}

function disposeSaved(node: TapeNode): void {
  for (const tensor of node.saved ?? []) if (!tensor.isDisposed) tensor.dispose();
}

/** A kernel has a name; what is differentiated by a function of its own has that of its scope alone, if any. */
function named({ kernelName }: TapeNode): string {
  return tf.getKernel(kernelName, tf.getBackend()) === undefined ? "an operation made by tf.customGrad" : kernelName;
}
