// Speed of the integer network: 128×128 pixels, 32 gates, 32 units, every kernel of this machine on one and two
// threads, and the TypeScript reference. Prints one JSON object. Best of several passes: the machine may be shared.
import { networkOutputs } from '../dist/lifetime/integer-network.js';
import { createKernel, simdNames } from '../dist/lifetime/native.js';
import { ReferenceKernel } from '../dist/lifetime/reference.js';

const SIZE = { width: 128, height: 128, gates: 32, hidden: 32, head: 32 };
const OUTPUTS = networkOutputs.length;
const PIXELS = SIZE.width * SIZE.height;
const BIN_COUNTS = [32, 256];
const THREADS = [1, 2];
const SECONDS_PER_MEASUREMENT = 1;
const REFERENCE_PIXELS = 64;

/** Multiply–accumulates of a pixel: recurrent, input and photon-feature products of every gate, and the head. */
const MACS_PER_PIXEL =
  SIZE.gates * 3 * SIZE.hidden * (SIZE.hidden + 2) + SIZE.head * SIZE.hidden + OUTPUTS * SIZE.head;

let seed = 1;
/** Marsaglia's xorshift32. */
function random(below) {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % below;
}
const weights = (length) => Int8Array.from({ length }, () => random(255) - 127);

/** Any weights do: the kernels take the same time for all of them. */
const network = {
  ...SIZE,
  minPhotons: 1,
  photonFeature: [-640, 1024],
  lifetimeRangePs: [1, 65535],
  recurrentWeights: weights(3 * SIZE.hidden ** 2),
  inputWeights: weights(3 * SIZE.hidden),
  photonWeights: weights(3 * SIZE.hidden),
  headWeights: weights(SIZE.head * SIZE.hidden),
  outputWeights: weights(OUTPUTS * SIZE.head),
  shifts: new Uint8Array(4 * SIZE.hidden).fill(5),
  headShifts: new Uint8Array(SIZE.head).fill(12),
  outputShifts: new Uint8Array(OUTPUTS).fill(12),
  biases: new Int32Array(4 * SIZE.hidden),
  headBiases: new Int32Array(SIZE.head),
  outputBiases: new Int32Array(OUTPUTS).fill(6000 << 12),
};

function planFor(bins) {
  const width = bins / SIZE.gates;
  const firstBin = Uint16Array.from({ length: SIZE.gates }, (_, gate) => gate * width);
  return { bins, firstBin, endBin: firstBin.map((first) => first + width) };
}

function jobFor(bins, pixels) {
  return {
    histograms: Uint16Array.from({ length: pixels * bins }, () => random(60)),
    pixels,
    bins,
    minPhotons: 1,
    lifetimeAmplitude: new Uint16Array(pixels),
    lifetimeIntensity: new Uint16Array(pixels),
    standardErrorAmplitude: new Uint16Array(pixels),
    standardErrorIntensity: new Uint16Array(pixels),
    photons: new Uint32Array(pixels),
  };
}

/** Pixels per second of the fastest pass, and per second of processor time, which other programs do not disturb. */
async function fastest(pixels, compute) {
  let [wallMs, processorMs] = [Infinity, Infinity];
  await compute();
  for (const end = performance.now() + SECONDS_PER_MEASUREMENT * 1000; performance.now() < end;) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await compute();
    wallMs = Math.min(wallMs, performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    processorMs = Math.min(processorMs, (user + system) / 1000);
  }
  return { perSecond: (1000 * pixels) / wallMs, perProcessorSecond: (1000 * pixels) / processorMs };
}

const gmac = (pixelsPerSecond) => Number(((pixelsPerSecond * MACS_PER_PIXEL) / 1e9).toFixed(2));

const figures = ({ perSecond, perProcessorSecond }, reference) => ({
  pixelsPerSecond: Math.round(perSecond),
  framesPerSecond: Number((perSecond / PIXELS).toFixed(1)),
  gmacPerSecond: gmac(perSecond),
  gmacPerProcessorSecond: gmac(perProcessorSecond),
  timesReference: Number((perProcessorSecond / reference.perProcessorSecond).toFixed(1)),
});

const kernels = [];
for (const bins of BIN_COUNTS) {
  const plan = planFor(bins);
  const small = jobFor(bins, REFERENCE_PIXELS);
  const kernel = new ReferenceKernel(network, plan);
  const reference = await fastest(REFERENCE_PIXELS, () => kernel.computeSync(small));
  kernels.push({ kernel: 'reference', bins, threads: 1, ...figures(reference, reference) });
  const job = jobFor(bins, PIXELS);
  for (const simd of simdNames()) {
    const native = createKernel(network, plan, { simd });
    for (const threads of THREADS) {
      const rate = await fastest(PIXELS, () => native.compute(job, threads));
      kernels.push({ kernel: simd, bins, threads, ...figures(rate, reference) });
    }
  }
}

process.stdout.write(`${JSON.stringify({ ...SIZE, macsPerPixel: MACS_PER_PIXEL, kernels })}\n`);
