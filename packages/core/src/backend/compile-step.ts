import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { AwpError, requireArgument } from "../error";

/** Tensors by name. */
export type StepInputs = Readonly<Record<string, Tensor>>;

/** What a step returns: a tensor, a list of them, or a record. */
export type StepOutput = Tensor | readonly Tensor[] | StepInputs;

/** A step that its backend may have recorded. */
export interface CompiledStep<Inputs extends StepInputs, Output extends StepOutput> {
  /** Runs the step. The caller keeps the inputs and owns the outputs, which are new tensors at every call. */
  (inputs: Inputs): Output;
  /** Frees the recordings; a later call starts anew. */
  dispose(): void;
}

/** What a backend that records steps has besides tfjs's methods. */
interface RecordingBackend {
  recordStep?(step: (inputs: readonly Tensor[]) => Tensor[]): Recording;
}

/** A step for inputs of one set of shapes and types. */
interface Recording {
  run(inputs: readonly Tensor[]): Tensor[];
  dispose(): void;
}

/** How many recordings one step keeps; one more frees the one that was not used for longest. */
const recordingLimit = 8;

/**
 * Turns a whole training or attack step into one that the backend may record and replay (CUDA graphs on torch). The
 * first two calls run `step` as it is, the third is recorded, from the fourth on the recording runs; a backend that
 * records nothing always runs `step`. Inputs of other shapes or types get recordings of their own, up to 8 at a time.
 *
 * The recording runs the same operations on new inputs. So `step`
 * - takes what changes between calls as tensors among its inputs, a learning rate or the key of a `Random` too: numbers
 *   and tensors made from host data stay what they were when it was recorded;
 * - runs the same operations at every call, reads no tensor back, keeps no tensor, and makes and disposes no variable;
 * - may read and assign variables made outside, which may be assigned between calls too, and read other tensors from
 *   outside, as they were when it was recorded.
 *
 * A backend that records throws an error that names the operation where the second and the third call break this, and
 * starts over. A compiled step has no gradient: call it outside of every differentiation.
 *
 * @throws ArgumentError for inputs that are no tensors or disposed; AwpError inside a differentiation, and where `step`
 * returns anything but tensors.
 * @example
 * const loss = compileStep(({ x, y }: { x: Images; y: Labels }) => mean(crossEntropy(network.forward(x, "eval"), y)));
 * const value = loss({ x: images, y: labels }); // yours to dispose
 * loss.dispose();
 */
export function compileStep<Inputs extends StepInputs, Output extends StepOutput>(
  step: (inputs: Inputs) => Output,
): CompiledStep<Inputs, Output> {
  const entries = new Map<string, Entry>();

  function run(inputs: Inputs): Output {
    const names = Object.keys(inputs).sort();
    for (const name of names) requireTensor(`inputs.${name}`, inputs[name]);
    if (tf.engine().state.gradientDepth > 0) throw new AwpError("compileStep: a compiled step has no gradient");
    const tensors = names.map((name) => inputs[name] as Tensor);
    const { recording, form } = entryFor(names, tensors);
    const outputs = recording.run(tensors);
    return assembled(form(), outputs) as Output;
  }

  function entryFor(names: readonly string[], tensors: readonly Tensor[]): Entry {
    const kinds = tensors.map(({ dtype, shape }, index) => [names[index], dtype, shape]);
    const signature = JSON.stringify([tf.getBackend(), kinds]);
    const entry = entries.get(signature) ?? newEntry(step, names);
    // The one used last stands last.
    entries.delete(signature);
    entries.set(signature, entry);
    const [oldest] = entries;
    if (oldest !== undefined && entries.size > recordingLimit) {
      oldest[1].recording.dispose();
      entries.delete(oldest[0]);
    }
    return entry;
  }

  return Object.assign(run, {
    dispose: () => {
      for (const { recording } of entries.values()) recording.dispose();
      entries.clear();
    },
  });
}

/** The recording for one set of shapes and types, and the form of what the step returns. */
interface Entry {
  readonly recording: Recording;
  readonly form: () => Form;
}

/** The form of a step's output: one tensor, a list, or a record with these names. */
type Form = "tensor" | "list" | readonly string[];

function newEntry<Inputs extends StepInputs>(step: (inputs: Inputs) => StepOutput, names: readonly string[]): Entry {
  let form: Form = "tensor";
  const flat = (tensors: readonly Tensor[]): Tensor[] =>
    tf.tidy(() => {
      const output = step(Object.fromEntries(names.map((name, index) => [name, tensors[index]])) as Inputs);
      const usable = typeof output === "object" && output !== null && !("then" in output);
      requireArgument(usable, "the output", output, "a tensor, or a list or a record of tensors");
      form = formOf(output);
      const parts = tensorsOf(output);
      for (const [index, part] of parts.entries()) requireTensor(`the output ${index}`, part);
      // Handles of their own: an output may be an input, or twice the same tensor.
      return parts.map((part) => tf.clone(part));
    });
  const backend = tf.backend() as RecordingBackend;
  const recording = backend.recordStep?.(flat) ?? { run: flat, dispose: () => undefined };
  return { recording, form: () => form };
}

function formOf(output: StepOutput): Form {
  if (output instanceof tf.Tensor) return "tensor";
  return Array.isArray(output) ? "list" : Object.keys(output);
}

function tensorsOf(output: StepOutput): Tensor[] {
  return output instanceof tf.Tensor ? [output] : Object.values(output);
}

function assembled(form: Form, tensors: readonly Tensor[]): StepOutput {
  if (form === "tensor") return tensors[0] as Tensor;
  if (form === "list") return tensors;
  return Object.fromEntries(form.map((name, index) => [name, tensors[index] as Tensor]));
}

function requireTensor(argument: string, tensor: unknown): void {
  const isTensor = tensor instanceof tf.Tensor;
  requireArgument(isTensor && !tensor.isDisposed, argument, isTensor ? "a disposed tensor" : tensor, "a tensor");
}
