import { describe, expectTypeOf, it } from "vitest";
import {
  type BestEvent,
  type CheckpointEvent,
  type CollapseEvent,
  type EpochEvent,
  type Metrics,
  type OverfittingEvent,
  type PausedEvent,
  type ResumedEvent,
  type RollbackEvent,
  type StepEvent,
  type StoppedEvent,
  type TrainEvent,
  type TrainSummary,
  train,
  type WarningEvent,
} from "../../src/index";

describe("the types of train's events", () => {
  it("are told apart by their kind", () => {
    expectTypeOf(train).returns.toEqualTypeOf<AsyncGenerator<TrainEvent, TrainSummary>>();
    expectTypeOf<TrainEvent["kind"]>().toEqualTypeOf<
      | "warning"
      | "resumed"
      | "step"
      | "epoch"
      | "collapse"
      | "catastrophic-overfitting"
      | "rollback"
      | "best"
      | "checkpoint"
      | "stopped"
      | "paused"
    >();
    expectTypeOf<TrainEvent>().extract<{ kind: "warning" }>().toEqualTypeOf<WarningEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "resumed" }>().toEqualTypeOf<ResumedEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "step" }>().toEqualTypeOf<StepEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "epoch" }>().toEqualTypeOf<EpochEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "collapse" }>().toEqualTypeOf<CollapseEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "catastrophic-overfitting" }>().toEqualTypeOf<OverfittingEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "rollback" }>().toEqualTypeOf<RollbackEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "stopped" }>().toEqualTypeOf<StoppedEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "best" }>().toEqualTypeOf<BestEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "checkpoint" }>().toEqualTypeOf<CheckpointEvent>();
    expectTypeOf<TrainEvent>().extract<{ kind: "paused" }>().toEqualTypeOf<PausedEvent>();
  });

  it("narrow in a switch to the figures that the event has", () => {
    const read = (event: TrainEvent) => {
      switch (event.kind) {
        case "epoch":
          return event.metrics;
        case "step":
          return event.secondsPerStep;
        case "best":
          return event.place;
        default:
          return null;
      }
    };
    expectTypeOf(read).returns.toEqualTypeOf<Metrics | number | string | undefined | null>();
  });
});
