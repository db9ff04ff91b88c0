import { compileStep, normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch, torch } from "../torch";
import { type Between, type Body, history, movingVariables } from "./histories";

onTorch();

const steps: Record<string, Body> = {
  "moves a variable": ({ x }, [v]) => [step(v, x)],
  "returns the value before": ({ x }, [v]) => [tf.clone<tf.Tensor>(v), step(v, x)],
  "returns the variable itself, twice": ({ x }, [v]) => {
    step(v, x);
    return [v, v];
  },
  "moves a variable twice, and back in between": moveAndRestore,
  "swaps two variables": ({ x }, [v, w]) => [step(v, x), swap(v, w)],
  "lets two variables share a value": ({ x }, [v, w]) => {
    const sum = step(v, x);
    w.assign(v as tf.Tensor);
    return [sum, tf.add(w, x)];
  },
  "assigns a variable to another and then moves it": ({ x }, [v, w]) => {
    w.assign(v as tf.Tensor);
    return [step(v, x), tf.mul(w, x)];
  },
  "assigns an input": ({ x }, [v, w]) => {
    const sum = tf.add(v, 1);
    v.assign(x);
    w.assign(x);
    return [sum, x];
  },
  "transposes without moving an element": ({ x }, [v]) => [rowOf(v), step(v, x)],
  "reads the old value when the new one is made": ({ x }, [v]) => readsLate(v, tf.add(v, x)),
  "assigns what it never read": ({ x }, [v]) => {
    v.assign(tf.mul(x, 2));
    return [x];
  },
  "draws noise from a constant": ({ x }, [v]) => [tf.mul(x, normal(random(3), [3])), step(v, x)],
};

movingVariables(() => {
  test.each(Object.entries(steps))("a step that %s replays as it runs", (_, body) => {
    expect(history(true, body)).toEqual(history(false, body));
  });

  test("a recorded step's variables may be assigned between calls, and what others hold of them stays", () => {
    const body: Body = ({ x }, [v, w]) => [step(v, x), tf.mul(w, v)];
    const between: Between = (call, [v, w]) => {
      if (call % 2 === 0) w.assign(tf.fill([3], call));
      if (call === 5) v.assign(w as tf.Tensor);
      if (call === 8) swap(v, w);
      return [tf.clone<tf.Tensor>(v), tf.clone<tf.Tensor>(w)];
    };
    expect(history(true, body, between)).toEqual(history(false, body, between));
  });

  test("two recordings of one step share the variables", () => {
    const total = tf.variable(tf.zeros([1]));
    const step = compileStep(({ x }: { x: tf.Tensor1D }) => {
      total.assign(tf.add(total, tf.sum(x)));
      return tf.clone(total);
    });
    const native: number[] = [];
    let expected = 0;
    for (let call = 1; call <= 12; call++) {
      const x = tf.fill([(call % 2) + 1], call) as tf.Tensor1D;
      expected += call * ((call % 2) + 1);
      const output = step({ x });
      expect(output.dataSync()[0]).toBe(expected);
      tf.dispose([x, output]);
      native.push(torch().stats().tensors);
    }
    expect(native.at(-1)).toBe(native.at(-3));
    step.dispose();
    expect(total.dataSync()[0]).toBe(expected);
    total.dispose();
  });

  test("two recorded steps move the same variable in turn", () => {
    const v = tf.variable(tf.scalar(1));
    const [doubled, next] = [() => v.assign(tf.mul(v, 2)), () => v.assign(tf.add(v, 1))];
    const steps = [doubled, next].map((move) =>
      compileStep(({ x }: { x: tf.Tensor }) => {
        move();
        return tf.add(v, x);
      }),
    );
    let expected = 1;
    for (let call = 0; call < 8; call++) {
      tf.tidy(() => steps.map((run) => run({ x: tf.scalar(0) })));
      expected = expected * 2 + 1;
      expect(v.dataSync()[0]).toBe(expected);
    }
    for (const compiled of steps) compiled.dispose();
    v.dispose();
  });
});

test("a replay that fails moves nothing", () => {
  const v = tf.variable(tf.tensor1d([1, 2]));
  const step = compileStep(({ index }: { index: tf.Tensor }) => {
    v.assign(tf.add(v, 1));
    return tf.gather(v, index as tf.Tensor1D);
  });
  const run = (index: number) => tf.tidy(() => step({ index: tf.tensor1d([index], "int32") }).dataSync()[0]);
  expect([run(0), run(1), run(0), run(1)]).toEqual([2, 4, 4, 6]);
  expect(() => run(2)).toThrow(/^GatherV2: the index value 2 is not in \[0, 1\]/);
  expect(Array.from(v.dataSync())).toEqual([5, 6]);
  expect(run(0)).toBe(6);
  step.dispose();
  v.dispose();
});

function step(variable: tf.Variable, x: tf.Tensor): tf.Tensor {
  variable.assign(tf.add(tf.mul(variable, 0.9), tf.sin(x)));
  return tf.sum(variable);
}

function moveAndRestore(...[{ x }, [v]]: Parameters<Body>): tf.Tensor[] {
  const snapshot = tf.clone<tf.Tensor>(v);
  v.assign(tf.add(v, x));
  const loss = tf.sum(tf.square(v));
  v.assign(snapshot);
  return [loss, step(v, loss), step(v, x)];
}

function swap(v: tf.Variable, w: tf.Variable): tf.Tensor {
  const first = tf.clone<tf.Tensor>(v);
  v.assign(w as tf.Tensor);
  w.assign(first);
  return tf.sub(v, w);
}

function readsLate(v: tf.Variable, next: tf.Tensor): tf.Tensor[] {
  const twice = tf.mul(v, 2);
  v.assign(next);
  return [twice, tf.square(v)];
}

/** A transpose that has the same storage on the native side, were it not copied. */
function rowOf(v: tf.Variable): tf.Tensor {
  return tf.transpose(tf.reshape(v, [3, 1]));
}
