import type { StoredType } from "@awp/core";
import {
  described,
  type PickleContext,
  type PickleMake,
  PickleName,
  PickleObject,
  type PickleOptions,
  type PickleValue,
  plainNames,
  textOf,
} from "@awp/core/node";
import { elements, storedTypes } from "./elements";
import { isSize, placeOf, TorchStorage, TorchTensor } from "./tensor";

/** A value that a training notes beside its weights, and that weights do without: only its place is kept. */
class Passed extends PickleObject {
  override build(): void {}
}
const passed: PickleMake = () => new Passed();

const first: PickleMake = ([value = null]) => value;

/** A set or a Counter is what it was made of. */
const contents: PickleMake = ([value = []]) => value;

const tensor: PickleMake = (args, { fail }) => {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof TorchStorage)) return fail(`damaged: a tensor with ${described(storage)} as its storage`);
  const type = storage.type ?? fail("a tensor of untyped bytes, which does not say what they are");
  return new TorchTensor(storage, type, placeOf(offset, shape, strides, fail), fail);
};

/** As {@link tensor}, of a storage of bytes; the seventh argument tells what they are. */
const tensorOfBytes: PickleMake = (args, { fail }) => {
  const [storage, offset, shape, strides, , , dtype] = args;
  if (!(storage instanceof TorchStorage)) return fail(`damaged: a tensor with ${described(storage)} as its storage`);
  const type = dtypes.get(dtype instanceof PickleName ? dtype.name : "") ?? fail(`a tensor of ${described(dtype)}`);
  return new TorchTensor(storage, type, placeOf(offset, shape, strides, fail), fail);
};

const parameter: PickleMake = ([data], { fail }) =>
  data instanceof TorchTensor ? data : fail(`damaged: a parameter of ${described(data)}`);

/** A tensor with attributes: what made it, its class, what that is called with, and the attributes. */
const attributed: PickleMake = ([make, , args], context) => {
  const rebuild = make instanceof PickleName ? make.make : undefined;
  const known = rebuild === tensor || rebuild === tensorOfBytes || rebuild === parameter;
  if (!known || !Array.isArray(args)) return context.fail(`refused a tensor made by ${described(make)}`);
  return (rebuild as PickleMake)(args, context);
};

const dtypes: ReadonlyMap<string, StoredType> = new Map(
  storedTypes.map((type) => [`torch.${elements[type].dtype}`, type]),
);
const storages: ReadonlyMap<string, StoredType | undefined> = new Map<string, StoredType | undefined>([
  ...storedTypes.map((type): [string, StoredType] => [`torch.${elements[type].storage}`, type]),
  ["torch.storage.UntypedStorage", undefined],
  ["torch.storage._UntypedStorage", undefined],
  ["torch.UntypedStorage", undefined],
]);

const named = (names: Iterable<string>, make: PickleMake | null): [string, PickleMake | null][] =>
  [...names].map((name) => [name, make]);

/**
 * The allow-list of PyTorch's checkpoints: tensors, and what trainings note beside them. Each name is a function of ours
 * that makes plain values, or nothing but a name.
 */
const names: ReadonlyMap<string, PickleMake | null> = new Map([
  ...plainNames,
  ...named(["torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"], tensor),
  ...named(["torch._utils._rebuild_tensor_v3"], tensorOfBytes),
  ...named(["torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"], parameter),
  ...named(["torch._tensor._rebuild_from_type_v2"], attributed),
  ...named(["torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"], null),
  ...named(dtypes.keys(), null),
  ...named(storages.keys(), null),
  ...named(["torch.Size"], contents),
  ...named(["torch.device"], first),
  ...["builtins", "__builtin__"].flatMap((module) => [
    ...named([`${module}.set`, `${module}.frozenset`], contents),
    ...named(
      ["int", "long", "float", "bool", "str", "unicode", "list", "dict", "tuple"].map((name) => `${module}.${name}`),
      null,
    ),
  ]),
  ...named(["collections.Counter"], contents),
  ...named(["collections.defaultdict"], () => new Map()),
  ...["numpy.core", "numpy._core"].flatMap((core) =>
    named([`${core}.multiarray.scalar`, `${core}.multiarray._reconstruct`, `${core}.numeric._frombuffer`], passed),
  ),
  ...named(["numpy.dtype", "argparse.Namespace", "pathlib.PosixPath", "pathlib.WindowsPath"], passed),
  ...named(["datetime.datetime", "datetime.timedelta"], passed),
  ...named(["numpy.ndarray"], null),
]);

const advice = 'in Python, torch.save(model.state_dict(), "model.pt") writes a file of weights alone';

/** How the pickles of PyTorch's files are read; `storages` gets those that are met, by their keys. */
export function torchPickle(fail: PickleOptions["fail"], met?: Map<string, TorchStorage>): PickleOptions {
  const persistent = (id: PickleValue, context: PickleContext): TorchStorage => {
    const storage = storageOf(id, context);
    met?.set(storage.key, storage);
    return storage;
  };
  return { names, advice, fail, persistent };
}

/** ("storage", its class, its key, where it was, how many elements it has) and, in old files, which part it is. */
function storageOf(id: PickleValue, { fail }: PickleContext): TorchStorage {
  const [kind, type, named, , count, part = null] = Array.isArray(id) ? id : [];
  if (textOf(kind) !== "storage") return fail(`refused a reference to ${described(textOf(kind) ?? id)}; ${advice}`);
  const known = type instanceof PickleName && storages.has(type.name) ? type.name : undefined;
  if (known === undefined) return fail(`damaged: a storage of ${described(type)}`);
  const key = textOf(named) ?? fail(`damaged: a storage with ${described(named)} as its key`);
  if (!isSize(count)) return fail(`damaged: a storage of ${described(count)} elements`);
  const stored = storages.get(known);
  const width = stored === undefined ? 1 : elements[stored].width;
  if (part === null) return new TorchStorage(key, stored, count * width);
  const [, start, length] = Array.isArray(part) ? part : [];
  if (!isSize(start) || !isSize(length) || start + length > count) {
    return fail(`damaged: a part of a storage that is ${described(part)}`);
  }
  return new TorchStorage(key, stored, length * width, start * width);
}
