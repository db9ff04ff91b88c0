import type { Project } from "../project";
import { attempt } from "../results";

/** What is optional, what of a package needs it, and what its absence must tell the user to type. */
const wants: Readonly<Record<string, { readonly program: string; readonly code: string; readonly remedy: string }>> = {
  "@awp/core": {
    program: "@awp/backend-torch",
    code: 'const { useBackend } = await import("@awp/core"); await useBackend("torch")',
    remedy: "npm install @awp/backend-torch",
  },
  "@awp/data": {
    program: "sharp",
    code: 'const { imageFolder } = await import("@awp/data/node"); await imageFolder({ directory: ".", size: 8 })',
    remedy: "npm install sharp",
  },
};

/** Uses what needs an optional package that is not there: the error says what to install. */
export async function missing(project: Project, name: string): Promise<void> {
  const want = wants[name];
  if (want === undefined) return;
  await attempt(`${name} without ${want.program}`, "says what to install", async () => {
    const output = await project.runAs({ fails: true }, process.execPath, "--input-type=module", "--eval", want.code);
    if (!output.includes(want.remedy)) throw new Error(`want "${want.remedy}" in the error, got:\n${output}`);
  });
}
