const prepositions = "After At Before Behind Beside Between By For From In Of On Over To Under With Within Without";
const opening = new RegExp(`^\\*\\s*(${prepositions.replaceAll(" ", "|")})\\b`);

/**
 * Forbids documentation that opens with a preposition ("Of each example, …"): on hover a reader sees the comment alone,
 * and a sentence without its subject is a riddle there.
 */
export const docSubject = {
  meta: {
    type: "suggestion",
    messages: { subject: 'Begin with what it is: a reader on hover does not see what "{{word}} …" belongs to.' },
    schema: [],
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const [, word] = opening.exec(comment.value) ?? [];
          if (word !== undefined) context.report({ loc: comment.loc, messageId: "subject", data: { word } });
        }
      },
    };
  },
};
