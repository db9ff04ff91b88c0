import { registerTorchBackend } from "./register";

export type { TorchBackend } from "./backend";
export type { NativeStats } from "./native";
export { type TorchDevice, torchDevice } from "./register";

registerTorchBackend();
