import { registerTorchBackend } from "./backend-factory";

export type { TorchBackend } from "./backend";
export type { DeviceMemory, NativeStats } from "./native";
export type { Operations, OperationsOptions } from "./operations";
export { type Precision, setPrecision } from "./precision";
export { type TorchDevice, torchDevice } from "./backend-factory";

registerTorchBackend();
