import { pgd } from "@awp/attacks";
import { type Images, type Labels, misclassified, random, uniform, useBackend } from "@awp/core";
import { fromLayersModel } from "@awp/models";
import { modelFiles } from "@awp/models/node";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { resolve } from "node:path";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("say which model: … examples/any-model/src/main.ts path/to/model.json");

const { name } = await useBackend(); // the fastest there is; wasm needs nothing
const model = await loadLayersModel(modelFiles(resolve(process.env["INIT_CWD"] ?? ".", path)));
const classifier = fromLayersModel(model);

// Put your images here, [batch, height, width, channels] with values from 0 to 1, and their true labels.
const [, height, width, channels] = model.inputs[0]?.shape ?? [];
const images = uniform(random(0), [8, height ?? 224, width ?? 224, channels ?? 3]) as Images;
const labels = tf.argMax(classifier(images), 1) as Labels;

const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 });
const adversarial = attack(classifier, images, labels, random(1));

const wrong = misclassified(classifier(adversarial), labels).arraySync().filter(Boolean).length;
console.log(`${model.name} on ${name}: an attack changed ${wrong} of ${images.shape[0]} answers`);
