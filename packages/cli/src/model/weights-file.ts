/** Whether a file is one of weights, as its name says: safetensors, or PyTorch's own. */
export function isWeightsFile(file: string): boolean {
  return /\.(safetensors|pt|pth)$/.test(file);
}
