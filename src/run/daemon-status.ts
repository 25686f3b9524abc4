import { performance } from 'node:perf_hooks';
import type { Diagnostics } from '../camera/diagnostics.js';
import { telemetryFromWords } from '../camera/telemetry.js';
import type { Config } from '../config/index.js';
import type { DaemonStatus, SlowControlStatus } from '../protocol/stream.js';
import type { StreamServer } from '../stream/index.js';
import { version } from '../version.js';
import type { RunController } from './run-controller.js';
import type { RunRecorder } from './run-recorder.js';

export interface StatusParts {
  config: Config;
  controller: RunController;
  stream: StreamServer;
  /** The latest telemetry packet. */
  telemetry: () => Uint32Array | null;
  /** As last read. */
  diagnostics: () => Diagnostics | null;
  /** null where none is configured. */
  slowControl: () => SlowControlStatus | null;
  recorder: RunRecorder;
}

/** Everything a client may want to know, as it is now. */
export function daemonStatus(parts: StatusParts): DaemonStatus {
  const { config, controller, stream, telemetry, diagnostics, slowControl, recorder } = parts;
  const { machine, camera, run, figures, lastRun, error } = controller;
  const words = camera ? telemetry() : null;
  return {
    version,
    uptimeS: performance.now() / 1000,
    now: Date.now(),
    state: { ...machine.status, error },
    camera: camera?.description ?? null,
    model: run?.plan.facts.model ?? null,
    lifetime: {
      mode: config.lifetime.mode,
      source: run?.plan.facts.source ?? null,
      reason: run?.plan.facts.sourceReason ?? null,
      shadow: run?.series.shadow ?? null,
      kernel: run?.plan.kernel?.simd ?? null,
    },
    series: run && {
      id: run.series.id,
      uid: run.series.uid,
      startedAt: run.series.startedAt,
      counters: run.series.counters,
    },
    lastRun,
    rates: figures.rates,
    latencyMs: figures.latencyMs,
    telemetry: words && telemetryFromWords(words),
    diagnostics: camera && diagnostics(),
    slowControl: slowControl(),
    recording: recorder.status,
    stream: stream.counts(),
  };
}
