import { registerTorchBackend } from "./register";

export type { TorchBackend } from "./backend";
export type { DeviceMemory, NativeStats } from "./native";
export { type Precision, setPrecision } from "./precision";
export { type TorchDevice, torchDevice } from "./register";

registerTorchBackend();
