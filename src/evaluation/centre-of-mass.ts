import { hasShape, type LifetimeEstimator, singleLifetime } from './estimator.js';
import { GateAverage } from './gate-average.js';
import type { Instrument } from './instrument.js';
import { LifetimeScale } from './lifetime-scale.js';

/**
 * Centre of mass: the mean arrival time, counted from the pulse. In an endless window it is τ past the response's
 * own; here the relation is that of the wrapped decay in these gates.
 */
export function centreOfMass(instrument: Instrument): LifetimeEstimator {
  const arrival = new GateAverage(instrument, instrument.sincePulsePs);
  const scale = new LifetimeScale('mean arrival time', instrument.tauPs, (tau) => arrival.ofDecay(tau));
  return (counts) => (hasShape(counts) ? singleLifetime(scale.tauPs(arrival.ofPixel(counts))) : null);
}
