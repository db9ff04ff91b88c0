import { registerTorchBackend } from "./backend-factory";

export type { TorchBackend } from "./backend";
export type { DeviceMemory, NativeStats } from "./native";
export type { Operations, OperationsOptions } from "./operations";
export { type Precision, setPrecision } from "./precision";
export { CollectiveError, type CollectiveFailure } from "./distributed/collective-error";
export type { JoinOptions } from "./distributed/join-options";
export { joinProcessGroup, type TorchProcessGroup } from "./distributed/join-process-group";
export { type TorchDevice, torchDevice } from "./backend-factory";

registerTorchBackend();
