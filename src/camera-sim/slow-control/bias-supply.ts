import type { BiasState } from '../../protocol/slow-control.js';

/** Nearer than this to its goal a ramp has ended, mV. */
const REACHED_MV = 0.5;

/** A high-voltage supply that follows its goal no faster than its ramp rate. */
export class BiasSupply {
  /** On the sensor now, mV. */
  voltageMv = 0;
  private wanted = false;

  get state(): BiasState {
    if (this.wanted) return this.settled ? 'on' : 'rampingUp';
    return this.voltageMv > 0 ? 'rampingDown' : 'off';
  }

  private settled = false;

  on(): void {
    if (!this.wanted) this.settled = false;
    this.wanted = true;
  }

  off(): void {
    this.wanted = false;
  }

  /** At once: the supply shorts its output. */
  cut(): void {
    this.wanted = false;
    this.voltageMv = 0;
  }

  /** `goalMv` is the bias wanted while on. */
  advance(seconds: number, goalMv: number, rampMvPerS: number): void {
    const goal = this.wanted ? goalMv : 0;
    const step = rampMvPerS * seconds;
    const apart = goal - this.voltageMv;
    this.voltageMv = Math.abs(apart) <= step ? goal : this.voltageMv + Math.sign(apart) * step;
    // Once there it stays "on" while it follows the breakdown voltage or a new set-point.
    if (this.wanted && Math.abs(goal - this.voltageMv) <= REACHED_MV) this.settled = true;
  }
}
