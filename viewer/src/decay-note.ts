import type { DaemonStatus } from '../../src/protocol/index.js';

export interface DecaySituation {
  picked: boolean;
  frozen: boolean;
  running: boolean;
  status: Pick<DaemonStatus, 'camera' | 'lifetime'> | null;
}

/** Why there is no decay to show, in a sentence. */
export function decayNote({ picked, frozen, running, status }: DecaySituation): string {
  if (!picked) return 'Click a pixel of the map to see its decay.';
  if (frozen) return 'The picture is frozen; decays come with live frames.';
  if (!running) return 'No run is going on; decays come with live frames.';
  if (status?.camera?.outputs.includes('histograms') === false) {
    return 'This camera sends lifetimes only: its histograms stay in the FPGA.';
  }
  if (status?.lifetime.source === 'device') {
    return 'Waiting for a histogram. None comes while acquisition.histograms is off and the camera computes.';
  }
  return 'Waiting for the next histogram.';
}
