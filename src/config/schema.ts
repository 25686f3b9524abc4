import { z } from 'zod';

const MiB = 1024 * 1024;
const U32_MAX = 0xffff_ffff;

const whole = (min: number, max: number, initial: number, meaning: string) =>
  z.int().min(min).max(max).default(initial).describe(meaning);

const server = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .default('127.0.0.1')
      .describe('address or name to listen on; anything but loopback needs a token'),
    port: whole(0, 65535, 8650, 'TCP port; 0 takes any free one'),
    token: z
      .string()
      .regex(/^[\x21-\x7e]{16,256}$/)
      .meta({ expected: '16 to 256 printable characters without spaces' })
      .nullable()
      .default(null)
      .describe('secret that every request then needs; better set as FLIMD_TOKEN in the environment'),
    allowedOrigins: z
      .array(z.string().refine(isOrigin))
      .max(64)
      .meta({ expected: 'a list of origins such as http://microscope:8650' })
      .default([])
      .describe(
        'web origins, besides its own, whose pages may use the daemon; their hosts are accepted as its name',
      ),
    requestsPerSecond: whole(
      0,
      100_000,
      100,
      'HTTP requests and stream openings per second and client address; 0 = no limit',
    ),
    maxBodyBytes: whole(1024, MiB, 16 * 1024, 'longest request body'),
  })
  .prefault({})
  .describe('HTTP interface, viewer and stream');

const lifetime = z
  .strictObject({
    mode: z
      .enum(['device', 'host', 'shadow'])
      .default('device')
      .describe(
        'who computes lifetimes: the camera, the host, or both with a comparison; device falls to host by itself where the camera cannot',
      ),
    model: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('name or directory of the model package; none: the fitting one in models/'),
    minPhotons: z
      .int()
      .min(1)
      .max(1 << 20)
      .nullable()
      .default(null)
      .describe('pixels with fewer photons are invalid; none: as the model says, which is also the least'),
    threads: whole(0, 64, 0, 'threads of the host kernel; 0 = one per processor'),
  })
  .prefault({})
  .describe('how lifetimes are computed');

const acquisition = z
  .strictObject({
    autoStart: z
      .boolean()
      .default(true)
      .describe('arm and start as soon as the camera is there, unless somebody has stopped a run since'),
    frameLimit: whole(0, U32_MAX, 0, 'frames of a series; 0 = until stopped'),
    histograms: z
      .boolean()
      .default(true)
      .describe(
        'fetch histograms, for the decays of pixels, even where the camera computes the lifetimes; costs link bandwidth',
      ),
    poolSlots: whole(2, 256, 8, 'frame buffers, shared by the assembler and everything behind it'),
    frameTimeoutMs: whole(
      10,
      600_000,
      1000,
      'a frame of which no packet came for this long is delivered with its missing rows marked',
    ),
    maxOpenFrames: whole(1, 64, 4, 'frames in assembly at once: how far packets may be reordered'),
    drainTimeoutMs: whole(10, 600_000, 2000, 'longest wait at a stop for what the camera has already sent'),
  })
  .refine((section) => section.poolSlots > section.maxOpenFrames, {
    path: ['poolSlots'],
    params: { expected: 'more than acquisition.maxOpenFrames, or no buffer is left for finished frames' },
  })
  .prefault({})
  .describe('from packets to frames');

const stream = z
  .strictObject({
    maxClients: whole(1, 4096, 32, 'stream clients at once'),
    highWaterBytes: whole(
      1024,
      64 * MiB,
      512 * 1024,
      'frames to a client pause above this many unsent bytes',
    ),
    lowWaterBytes: whole(
      256,
      MiB,
      1024,
      'frames to a paused client resume, with the newest one, at this many unsent bytes',
    ),
    stuckBytes: whole(
      1024,
      1024 * MiB,
      2 * MiB,
      'how far behind (unsent and skipped bytes) a paused client may stay',
    ),
    stuckMs: whole(
      10,
      3_600_000,
      30_000,
      'a paused client that stays further behind than stuckBytes for this long is disconnected',
    ),
    maxMessageBytes: whole(64, MiB, 64 * 1024, 'longest message from a client'),
    messagesPerSecond: whole(1, 10_000, 50, 'messages per second from a client'),
    statusIntervalMs: whole(10, 60_000, 500, 'time between status messages'),
    heartbeatMs: whole(
      10,
      600_000,
      30_000,
      'time between pings; a client that leaves one unanswered is disconnected',
    ),
  })
  .refine((section) => section.lowWaterBytes < section.highWaterBytes, {
    path: ['lowWaterBytes'],
    params: { expected: 'less than stream.highWaterBytes' },
  })
  .prefault({})
  .describe('limits of the live stream');

const reconnect = z
  .strictObject({
    initialMs: whole(10, 60_000, 500, 'wait before the first try to reach a lost camera'),
    maxMs: whole(10, 3_600_000, 15_000, 'longest wait between tries'),
    factor: z.number().min(1).max(10).default(2).describe('each wait is this many times the one before'),
  })
  .refine((section) => section.initialMs <= section.maxMs, {
    path: ['initialMs'],
    params: { expected: 'at most reconnect.maxMs' },
  })
  .prefault({})
  .describe('reaching a lost camera again');

const slowControl = z
  .strictObject({
    port: z
      .string()
      .min(1)
      .max(4096)
      .nullable()
      .default(null)
      .describe(
        'serial port of the camera’s slow control, such as /dev/serial/by-id/…; none: it is not used',
      ),
    pollMs: whole(20, 60_000, 250, 'time between two readings of all values: how soon an alarm is noticed'),
    requestTimeoutMs: whole(10, 10_000, 200, 'longest wait for one answer'),
    retries: whole(0, 20, 3, 'how often an unanswered request is sent again before the line counts as lost'),
    hostTimeoutMs: whole(
      0,
      600_000,
      5000,
      'after this long without a request the camera takes its bias down by itself; 0 = never',
    ),
    biasWithRun: z
      .boolean()
      .default(false)
      .describe('bring the bias up when a run is armed, and arm when it is there'),
    biasOffAtEnd: z
      .boolean()
      .default(true)
      .describe('take the bias down at the end of the daemon, where the daemon brought it up'),
  })
  .refine(
    ({ pollMs, requestTimeoutMs, retries, hostTimeoutMs }) =>
      hostTimeoutMs === 0 || hostTimeoutMs > pollMs + requestTimeoutMs * (retries + 1),
    {
      path: ['hostTimeoutMs'],
      params: {
        expected:
          '0, or more than pollMs + requestTimeoutMs × (retries + 1): else the camera gives up while the daemon still tries',
      },
    },
  )
  .prefault({})
  .describe(
    'bias, temperatures, cooler and laser of the camera, over a serial line ([slow-control.md](slow-control.md))',
  );

const recording = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .max(4096)
      .nullable()
      .default(null)
      .describe(
        'folder for recordings, which must be there; none: `recordings` in the working directory, made when it is needed',
      ),
    everySeries: z
      .boolean()
      .default(false)
      .describe('record every series; a series that cannot be recorded is then not begun'),
    fileName: z
      .string()
      .min(1)
      .max(200)
      .regex(/^(?:[A-Za-z0-9 ._+-]|\{(?:date|time|series|serial)\})+$/)
      .meta({
        expected: 'letters, digits, blanks, . _ + - and {date}, {time}, {series}, {serial}',
      })
      .default('{date}-{time}-{series}')
      .describe('names of recordings that are given none; date and time of the beginning in UTC'),
    histograms: z
      .boolean()
      .default(false)
      .describe(
        'record the histograms too, where they are fetched (acquisition.histograms, or the host computes)',
      ),
    compression: whole(
      0,
      9,
      0,
      'deflate level of the file, 0 = none; smaller files, a tenth of the speed or less',
    ),
    queueBytes: whole(
      64 * 1024,
      2047 * MiB,
      256 * MiB,
      'frames that wait for the disk; a frame that finds the queue full is not recorded, and counted',
    ),
    minFreeBytes: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .default(1024 * MiB)
      .describe('a recording does not begin, and ends, where the disk has less room than this'),
    flushMs: whole(
      10,
      60_000,
      1000,
      'time between flushes: what a recording loses at most where flimd is killed',
    ),
    stallMs: whole(
      100,
      3_600_000,
      30_000,
      'a disk that takes nothing for this long while frames wait counts as failed',
    ),
    notes: z.string().max(4000).default('').describe('written into every recording'),
  })
  .prefault({})
  .describe('recordings ([recording.md](recording.md))');

const log = z
  .strictObject({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('least severe entry written'),
    pretty: z
      .boolean()
      .default(true)
      .describe('readable lines instead of JSON where standard error is a terminal'),
  })
  .prefault({})
  .describe('the log, on standard error');

/** Everything that can be configured: shape, defaults, ranges and meaning, written once. */
export const configSchema = z.strictObject({
  camera: z
    .string()
    .min(1)
    .max(4096)
    .default('sim:')
    .describe(
      'camera address: `sim:[options]`, `tcp:host:port`, `usb:[vendor:product|serial=text]` or `pcie:[device|serial=text]`',
    ),
  server,
  lifetime,
  acquisition,
  stream,
  reconnect,
  slowControl,
  recording,
  log,
});

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A whole, validated, frozen configuration. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** Scheme, host and port of a web page, as browsers send it in `Origin`. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
