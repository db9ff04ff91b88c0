/**
 * Forbids `x.add(y)` on tensors: chained operations exist only where `@tensorflow/tfjs` is loaded, so a library that
 * uses them breaks for users of `@tensorflow/tfjs-core`. The compiler is silent as soon as their types are in the program.
 */
export const chainedOps = {
  meta: {
    type: "problem",
    messages: { chained: "Chained tensor operation: write tf.{{name}}(…)." },
    schema: [],
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    return {
      MemberExpression(node) {
        const declarations = services.getSymbolAtLocation(node.property)?.declarations ?? [];
        if (declarations.some((declaration) => declaration.getSourceFile().fileName.includes("/chained_ops/")))
          context.report({ node: node.property, messageId: "chained", data: { name: node.property.name } });
      },
    };
  },
};
