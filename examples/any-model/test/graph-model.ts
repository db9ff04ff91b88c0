import * as tf from "@tensorflow/tfjs-core";
import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import type { LayersModel } from "@tensorflow/tfjs-layers";

type Config = Readonly<Record<string, unknown>>;

/**
 * The graph that TensorFlow's converter would write for a sequential model: the nodes of a GraphDef with the weights as
 * constants. It knows the layers of the MobileNet-like model.
 */
export async function graphModelOf(model: LayersModel): Promise<GraphModel> {
  const nodes: object[] = [{ name: "images", op: "Placeholder", input: [], attr: { dtype: { type: "DT_FLOAT" } } }];
  const weights: { spec: tf.io.WeightsManifestEntry; data: Float32Array | Int32Array }[] = [];
  let last = "images";

  const text = (value: string): object => ({ s: Buffer.from(value).toString("base64") });
  const numbers = (values: readonly number[]): object => ({ list: { i: values.map(String) } });
  const constant = (shape: number[], data: Float32Array | Int32Array): string => {
    const name = `const${weights.length}`;
    const dtype = data instanceof Int32Array ? "int32" : "float32";
    nodes.push({
      name,
      op: "Const",
      input: [],
      attr: { dtype: { type: dtype === "int32" ? "DT_INT32" : "DT_FLOAT" } },
    });
    weights.push({ spec: { name, shape, dtype }, data });
    return name;
  };
  const emit = (op: string, others: readonly string[] = [], attr: object = {}): void => {
    const name = `node${nodes.length}`;
    nodes.push({ name, op, input: [last, ...others], attr: { T: { type: "DT_FLOAT" }, ...attr } });
    last = name;
  };

  for (const layer of model.layers) {
    const config = layer.getConfig() as Config;
    const tensors = layer.getWeights().map((w) => constant(w.shape, w.dataSync<"float32">()));
    const convolution = (strides: unknown = config["strides"], padding: unknown = config["padding"]): object => ({
      strides: numbers([1, ...(strides as number[]), 1]),
      dilations: numbers([1, 1, 1, 1]),
      padding: text(String(padding).toUpperCase()),
      data_format: text("NHWC"),
      explicit_paddings: numbers([]),
    });
    const biased = (bias: string | undefined): void => {
      if (bias !== undefined) emit("BiasAdd", [bias], { data_format: text("NHWC") });
    };
    const [first = "", second, third = "", fourth = ""] = tensors;
    switch (layer.getClassName()) {
      case "ZeroPadding2D": {
        const [[top, bottom], [left, right]] = config["padding"] as [[number, number], [number, number]];
        emit("Pad", [constant([4, 2], Int32Array.of(0, 0, top, bottom, left, right, 0, 0))]);
        break;
      }
      case "Conv2D":
        emit("Conv2D", [first], convolution());
        biased(second);
        break;
      case "DepthwiseConv2D":
        emit("DepthwiseConv2dNative", [first], convolution());
        biased(second);
        break;
      case "SeparableConv2D":
        emit("DepthwiseConv2dNative", [first], convolution());
        emit("Conv2D", [second as string], convolution([1, 1], "valid"));
        biased(third === "" ? undefined : third);
        break;
      case "BatchNormalization":
        emit("FusedBatchNormV3", [first, second as string, third, fourth], {
          epsilon: { f: config["epsilon"] },
          is_training: { b: false },
          data_format: text("NHWC"),
        });
        break;
      case "ReLU":
        emit("Relu6");
        break;
      case "Dropout":
        emit("Identity");
        break;
      case "GlobalAveragePooling2D":
        emit("Mean", [constant([2], Int32Array.of(1, 2))], { keep_dims: { b: false } });
        break;
      case "Dense":
        emit("MatMul", [first], { transpose_a: { b: false }, transpose_b: { b: false } });
        biased(second);
        break;
      default:
        throw new Error(`no graph for a layer ${layer.getClassName()}`);
    }
  }
  const parts = weights.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const all = Buffer.concat(parts);
  return loadGraphModel(
    tf.io.fromMemory({
      modelTopology: { node: nodes, versions: { producer: 1 } },
      weightSpecs: weights.map(({ spec }) => spec),
      weightData: all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength),
      format: "graph-model",
    }),
  );
}
