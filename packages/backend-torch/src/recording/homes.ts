import * as tf from "@tensorflow/tfjs-core";
import type { Variable } from "@tensorflow/tfjs-core";
import type { TorchData } from "../data";
import type { Addon } from "../native";
import type { DataStore } from "./data-store";

/** Storage in which recorded steps find a variable: all of them the same, as long as one of them lives. */
interface Home {
  readonly handle: number;
  /** How many recorded steps use it. */
  users: number;
  /** What the variable held when it was last at home; others may hold it too. */
  bound: TorchData;
}

/** Keeps the variables of recorded steps where the steps read and write them. */
export class Homes {
  readonly #homes = new Map<Variable, Home>();
  readonly #store: DataStore;
  readonly #addon: Addon;

  constructor(store: DataStore, addon: Addon) {
    this.#store = store;
    this.#addon = addon;
  }

  /** Gives a variable a home, or shares the one that it has; returns the handle of its storage. */
  open(variable: Variable): number {
    let home = this.#homes.get(variable);
    if (home === undefined) {
      this.separate(variable);
      const bound = this.#data(variable);
      bound.pinned = true;
      home = { handle: bound.handle, users: 0, bound };
      this.#homes.set(variable, home);
    }
    home.users++;
    return home.handle;
  }

  /** Ends one step's use; after the last the storage belongs to the variable's data again, or is freed. */
  close(variable: Variable): void {
    const home = this.#homes.get(variable);
    if (home === undefined || --home.users > 0) return;
    this.#homes.delete(variable);
    if (isHome(home.bound, home)) home.bound.pinned = false;
    else this.#addon.release(home.handle);
  }

  /** Brings the variable's value home, unless it is there and nobody else's. */
  settle(variable: Variable): void {
    const home = this.#homes.get(variable);
    if (home === undefined) return;
    if (variable.isDisposed) throw new Error(`compileStep: the variable ${variable.name} has been disposed`);
    const data = this.#data(variable);
    if (isHome(data, home) && data.refCount === 1) return;
    if (isHome(home.bound, home)) {
      // Others hold the value that was at home: they keep it, in storage of their own.
      home.bound.handle = this.#addon.copy(home.handle);
      home.bound.pinned = false;
    }
    this.#addon.assign(home.handle, data.handle);
    home.bound = this.#assign(variable, home.handle);
    home.bound.pinned = true;
  }

  /** Gives the variable data that nothing else holds. */
  separate(variable: Variable): void {
    const data = this.#data(variable);
    if (data.refCount > 1) this.#assign(variable, this.#addon.copy(data.handle));
  }

  #data(variable: Variable): TorchData {
    return this.#store.nativeData(variable);
  }

  #assign(variable: Variable, handle: number): TorchData {
    const info = this.#store.adopt(handle, variable.shape, variable.dtype);
    tf.tidy(() => variable.assign(tf.engine().makeTensorFromTensorInfo(info)));
    return info.dataId as TorchData;
  }
}

/** Whether the data is alive and its storage the home's. */
function isHome(data: TorchData, { bound, handle }: Home): boolean {
  return data === bound && data.handle === handle;
}
