import { z } from 'zod';
import type { DaemonStatus, ModelDescription } from '../protocol/stream.js';
import type { RecordingControls } from './recording-routes.js';
import type { SlowControlControls } from './slow-control-routes.js';

const U32_MAX = 0xffff_ffff;

/** Body of `POST /api/v1/arm`; what is left out is as configured. */
export const armOptionsSchema = z.strictObject({
  /** Frames to acquire; 0 = until stopped. */
  frameLimit: z.int().min(0).max(U32_MAX).optional(),
  /** Time between frame starts, µs; 0 = as fast as the camera can. */
  framePeriodUs: z.int().min(0).max(U32_MAX).optional(),
  /** Pixels with fewer photons are invalid. */
  minPhotons: z
    .int()
    .min(1)
    .max(1 << 20)
    .optional(),
});

export type ArmOptions = z.output<typeof armOptionsSchema>;

/** What the HTTP interface can ask of the daemon. Verbs reject with a FlimdError where they are not possible. */
export interface RunControls {
  status(): DaemonStatus;
  model(): ModelDescription | null;
  arm(options?: ArmOptions): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  abort(): Promise<void>;
  disarm(): Promise<void>;
  /** What Prometheus reads. */
  metrics(): Promise<{ contentType: string; text: string }>;
  recording: RecordingControls;
  /** None where no slow control is configured. */
  slowControl?: SlowControlControls | null;
}
