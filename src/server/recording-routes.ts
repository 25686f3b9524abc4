import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RecordingFile, RecordingStatus } from '../protocol/stream.js';
import { checkedBody } from './checked-body.js';

const U32_MAX = 0xffff_ffff;

/** Body of `POST /api/v1/recording/start`; what is left out is as configured. */
const recordingRequestSchema = z.strictObject({
  /** File name, without its folder; `.h5` is added where it lacks that. */
  name: z.string().min(1).max(203).optional(),
  notes: z.string().max(4000).optional(),
  histograms: z.boolean().optional(),
  /** Recorded frames after which the recording ends by itself. */
  frames: z.int().min(1).max(U32_MAX).optional(),
});
const noOptions = z.strictObject({});

export type RecordingRequest = z.output<typeof recordingRequestSchema>;

/** What the HTTP interface can ask of the recorder. */
export interface RecordingControls {
  readonly status: RecordingStatus;
  start(request: RecordingRequest): Promise<void>;
  stop(): Promise<void>;
  list(): Promise<RecordingFile[]>;
}

export function recordingRoutes(app: FastifyInstance, controls: RecordingControls): void {
  app.get('/recording', () => controls.status);
  app.get('/recordings', async () => ({
    directory: controls.status.directory,
    recordings: await controls.list(),
  }));
  app.post('/recording/start', async (request) => {
    await controls.start(checkedBody(request, recordingRequestSchema));
    return controls.status;
  });
  app.post('/recording/stop', async (request) => {
    checkedBody(request, noOptions);
    await controls.stop();
    return controls.status;
  });
}
