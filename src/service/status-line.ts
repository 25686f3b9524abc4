import type { DaemonStatus } from '../protocol/stream.js';

/** The state of the daemon as one line for whoever looks at the service: `acquiring, series 3, 20 frames/s, …`. */
export function statusLine(status: DaemonStatus): string {
  const { state, series, rates } = status;
  if (state.name !== 'acquiring' || !series) return `${state.name}: ${state.error?.message ?? state.cause}`;
  const { packetsLost } = series.counters;
  const lost = packetsLost > 0 ? `, ${packetsLost} packets lost` : '';
  return `acquiring, series ${series.id}, ${rates.framesPerSecond.toFixed(1)} frames/s${lost}`;
}
