/**
 * How a changelog reads: the changesets' own words, without the commits that brought them and without the versions of our
 * other packages, which are always this one's.
 */
module.exports = {
  async getReleaseLine({ summary }) {
    const [first, ...rest] = summary.trim().split("\n");
    return [`- ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())].join("\n");
  },
  async getDependencyReleaseLine() {
    return "";
  },
};
