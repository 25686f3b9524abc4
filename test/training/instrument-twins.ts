import { Random } from '../../src/random/random.js';
import { poisson } from '../../src/random/poisson.js';
import type { MeanLifetimes } from '../../src/training/decays.js';

/** Pixels made photon by photon: none of the formulas that a training draws its decays with. */
export interface InstrumentTwin {
  laserPeriodPs: number;
  gatesFs: readonly (readonly [number, number])[];
  /** One delay of the response, ps: its nominal centre included. */
  delayPs: (random: Random) => number;
  /** How far the response of a pixel may lie off. */
  jitterPs: number;
  /** Part of the photons in the gates that knows no pulse. */
  background: number;
  tauPs: readonly [number, number];
  /** Part of the pixels with one lifetime. */
  mono: number;
  photons: number;
  seed: number;
}

export interface TwinPixel {
  counts: Uint32Array;
  truth: MeanLifetimes;
}

export function twinPixels(twin: InstrumentTwin, pixels: number): TwinPixel[] {
  const random = new Random(twin.seed, 78);
  return Array.from({ length: pixels }, () => twinPixel(twin, random));
}

function twinPixel(twin: InstrumentTwin, random: Random): TwinPixel {
  const { gatesFs, jitterPs, tauPs, mono, photons, background } = twin;
  const lifetime = (): number => tauPs[0] + (tauPs[1] - tauPs[0]) * random.uniform();
  const tau1 = lifetime();
  const tau2 = random.uniform() < mono ? tau1 : lifetime();
  // Part of the *photons*; amplitudes are photons over lifetime.
  const fraction = random.uniform();
  const offPs = jitterPs * (2 * random.uniform() - 1);
  const counts = new Uint32Array(gatesFs.length);
  const wanted = poisson(photons, random);
  for (let seen = 0; seen < wanted;) {
    const timePs =
      random.uniform() < background
        ? anyTime(twin, random)
        : twin.delayPs(random) +
          offPs -
          (random.uniform() < fraction ? tau1 : tau2) * Math.log(1 - random.uniform());
    const gate = gateOf(twin, timePs);
    // A window shorter than the period misses light.
    if (gate < 0) continue;
    counts[gate]!++;
    seen++;
  }
  return {
    counts,
    truth: {
      tauAmplitudePs: 1 / (fraction / tau1 + (1 - fraction) / tau2),
      tauIntensityPs: fraction * tau1 + (1 - fraction) * tau2,
    },
  };
}

function anyTime({ gatesFs }: InstrumentTwin, random: Random): number {
  const [first, end] = [gatesFs[0]![0], gatesFs.at(-1)![1]];
  return (first + (end - first) * random.uniform()) / 1000;
}

/** −1 outside of all gates. */
function gateOf({ gatesFs, laserPeriodPs }: InstrumentTwin, timePs: number): number {
  const wrappedFs = 1000 * (timePs - Math.floor(timePs / laserPeriodPs) * laserPeriodPs);
  return gatesFs.findIndex(([start, end]) => wrappedFs >= start && wrappedFs < end);
}
