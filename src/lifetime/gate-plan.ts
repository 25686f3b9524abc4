import { FlimdError } from '../protocol/errors.js';
import { FS_PER_PS } from '../protocol/units.js';

/** The time axis a model was trained for. */
export interface ModelTiming {
  laserPeriodFs: number;
  /** Start and end of every gate, fs from the start of detector bin 0; ascending, not overlapping. */
  gatesFs: readonly (readonly [number, number])[];
}

/** The time axis of a camera's histograms. */
export interface CameraTiming {
  bins: number;
  binWidthPs: number;
  laserPeriodPs: number;
}

/** Which detector bins make up each gate of the model: `firstBin[g] <= bin < endBin[g]`. */
export interface GatePlan {
  bins: number;
  firstBin: Uint16Array;
  endBin: Uint16Array;
}

/** A gate edge may lie this far from the edge of a bin, in bins. */
const EDGE_TOLERANCE_BINS = 0.01;
const PERIOD_TOLERANCE = 0.001;
const MAX_BINS = 0xffff;

/**
 * Lays the gates of a model over the bins of a camera. Throws FLIMD_E_MODEL_LASER_PERIOD, FLIMD_E_MODEL_BIN_WIDTH
 * (a gate edge is not the edge of a bin) or FLIMD_E_MODEL_GATES (a gate reaches beyond the detector window).
 */
export function planGates(timing: ModelTiming, camera: CameraTiming): GatePlan {
  checkLaserPeriod(timing, camera);
  const plan: GatePlan = {
    bins: camera.bins,
    firstBin: new Uint16Array(timing.gatesFs.length),
    endBin: new Uint16Array(timing.gatesFs.length),
  };
  timing.gatesFs.forEach(([startFs, endFs], gate) => {
    const firstBin = binEdge(startFs, gate, camera);
    const endBin = binEdge(endFs, gate, camera);
    if (firstBin === endBin) throw gateNarrowerThanBin(gate, endFs - startFs, camera);
    if (endBin > Math.min(camera.bins, MAX_BINS)) throw outsideWindow(gate, endFs, camera);
    plan.firstBin[gate] = firstBin;
    plan.endBin[gate] = endBin;
  });
  return plan;
}

function checkLaserPeriod(timing: ModelTiming, camera: CameraTiming): void {
  const modelPs = timing.laserPeriodFs / FS_PER_PS;
  if (Math.abs(camera.laserPeriodPs - modelPs) <= PERIOD_TOLERANCE * modelPs) return;
  throw new FlimdError(
    'FLIMD_E_MODEL_LASER_PERIOD',
    `the camera's laser period is ${camera.laserPeriodPs} ps, the model was trained for ${modelPs} ps`,
    {
      value: camera.laserPeriodPs,
      expected: `${modelPs} ps ± ${PERIOD_TOLERANCE * 100} %`,
      action: 'choose a model trained for this laser, or train one',
    },
  );
}

/** The bin edge at a time; throws where the nearest one is too far away. */
function binEdge(timeFs: number, gate: number, camera: CameraTiming): number {
  const position = timeFs / (camera.binWidthPs * FS_PER_PS);
  const edge = Math.round(position);
  if (Math.abs(position - edge) <= EDGE_TOLERANCE_BINS) return edge;
  throw new FlimdError(
    'FLIMD_E_MODEL_BIN_WIDTH',
    `gate ${gate} of the model has an edge at ${timeFs / FS_PER_PS} ps, which is inside a detector bin of ${camera.binWidthPs} ps`,
    {
      value: camera.binWidthPs,
      expected: `a bin width of which every gate edge is a multiple, within ${EDGE_TOLERANCE_BINS} bins`,
      action: 'set the camera to such a bin width, or choose a model trained for this one',
    },
  );
}

function gateNarrowerThanBin(gate: number, widthFs: number, camera: CameraTiming): FlimdError {
  return new FlimdError(
    'FLIMD_E_MODEL_BIN_WIDTH',
    `gate ${gate} of the model is ${widthFs / FS_PER_PS} ps wide, narrower than a detector bin of ${camera.binWidthPs} ps`,
    {
      value: camera.binWidthPs,
      expected: 'bins not wider than the gates',
      action: 'set the camera to narrower bins, or choose a model with wider gates',
    },
  );
}

function outsideWindow(gate: number, endFs: number, camera: CameraTiming): FlimdError {
  const windowPs = camera.bins * camera.binWidthPs;
  return new FlimdError(
    'FLIMD_E_MODEL_GATES',
    `gate ${gate} of the model ends at ${endFs / FS_PER_PS} ps, beyond the detector window of ${windowPs} ps`,
    {
      value: camera.bins,
      expected: `at least ${Math.ceil(endFs / FS_PER_PS / camera.binWidthPs - EDGE_TOLERANCE_BINS)} bins, at most ${MAX_BINS}`,
      action: 'set the camera to a longer window, or choose a model with fewer gates',
    },
  );
}
