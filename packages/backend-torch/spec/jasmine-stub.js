// tfjs-core makes a Jasmine of its own; its specs are to be seen by the one that runs them.
export const core = () => globalThis.jasmine;
