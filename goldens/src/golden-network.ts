import { assignEntries, type Network, random, type StoredTensor } from "@awp/core";
import { toTorchLayout } from "@awp/core/authoring";
import { preActResNet18, preActResNet34, preActResNet50, wideResNet } from "@awp/models";
import { parameterValues } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import type { Fields } from "./fields";
import { NotYet, requireKnown } from "./findings";

export interface GoldenNetworkOptions {
  /** How far running statistics move towards a batch's. @default 0.1 */
  readonly momentum?: number;
}

/** The network that a golden file describes, with the parameters that its README gives to every network. */
export function goldenNetwork(golden: Fields, options: GoldenNetworkOptions = {}): Network {
  const network = architecture(golden, options);
  const entries = new Map<string, StoredTensor>();
  for (const [k, [name, variable]] of [...network.parameters].entries()) {
    const { shape } = tf.tidy(() => toTorchLayout(variable));
    entries.set(name, { dtype: "F32", shape, data: parameterValues(name, shape, k) });
  }
  assignEntries({ parameters: network.parameters, buffers: new Map() }, entries, golden.path);
  return network;
}

function architecture(golden: Fields, options: GoldenNetworkOptions): Network {
  const shared = { classes: golden.count("classes"), random: random(0), ...options };
  const arch = golden.text("arch");
  const residual = { preactresnet18: preActResNet18, preactresnet34: preActResNet34, preactresnet50: preActResNet50 };
  if (arch in residual) {
    requireKnown(golden, ["arch", "classes"]);
    return residual[arch as keyof typeof residual](shared);
  }
  if (arch === "wideresnet") {
    requireKnown(golden, ["arch", "classes", "depth", "widen"]);
    return wideResNet({ ...shared, depth: golden.count("depth"), widen: golden.count("widen") });
  }
  throw new NotYet(`architecture ${arch}`);
}
