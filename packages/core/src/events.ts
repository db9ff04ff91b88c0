/**
 * Runs a generator of events to its end and returns its result; `onEvent` sees each event on the way.
 *
 * @example
 * const evaluation = evaluate({ classifier, attack, batches: testBatches, random: random(0) });
 * const { robustAccuracy } = await drain(evaluation, (event) => console.log(event.robust, event.examples));
 */
export async function drain<Event, Result>(
  events: AsyncGenerator<Event, Result>,
  onEvent: (event: Event) => void = () => undefined,
): Promise<Result> {
  for (;;) {
    const next = await events.next();
    if (next.done === true) return next.value;
    onEvent(next.value);
  }
}
