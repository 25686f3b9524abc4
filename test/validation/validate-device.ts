import { Acquisition } from '../../src/acquisition/acquisition.js';
import { Camera } from '../../src/camera/camera.js';
import type { DevicePort } from '../../src/camera-sim/device-port.js';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import { XdmaServer } from '../../src/camera-sim/xdma/xdma-server.js';
import type { LinkTarget } from '../../src/link/index.js';
import type { CheckResult } from '../../src/validation/check.js';
import { validateCamera, type ValidationParts, type ValidationReport } from '../../src/validation/index.js';
import { nodeFolder } from '../links/support/fuse.js';

export type Wishes = Partial<Omit<ValidationParts, 'camera' | 'acquisition'>> & {
  /** The opened camera, before the first check and behind the last. */
  before?(camera: Camera): Promise<void> | void;
  after?(camera: Camera): Promise<void>;
  /** Over TCP: how the camera goes away. */
  listening?(goAway: () => void): void;
};

/** Short, and enough for every kind of frame twice. */
const quick = { frames: 18, seed: 7, clockSeconds: 0.5, rateSeconds: 0.3, stallMs: 3000 };

async function validateAt(target: LinkTarget, wishes: Wishes): Promise<ValidationReport> {
  const acquisition = await Acquisition.start({ poolSlots: 16 });
  const camera = await Camera.open(target, { requestTimeoutMs: 20_000 });
  try {
    await acquisition.connect(target);
    await wishes.before?.(camera);
    const report = await validateCamera({
      ...{ camera, acquisition, ...wishes },
      options: { ...quick, ...wishes.options },
    });
    await wishes.after?.(camera);
    return report;
  } finally {
    await camera.close();
    await acquisition.close();
  }
}

/** Over TCP: a link that carries no histograms to the camera. */
export async function validateOverTcp(port: DevicePort, wishes: Wishes = {}): Promise<ValidationReport> {
  const server = await SimServer.listen(port, '127.0.0.1', 0);
  wishes.listening?.(() => void server.close());
  try {
    return await validateAt({ kind: 'tcp', host: '127.0.0.1', port: server.address.port }, wishes);
  } finally {
    await server.close();
  }
}

/** As the device nodes of a PCIe camera, which inject. */
export async function validateOverNodes(port: DevicePort, wishes: Wishes = {}): Promise<ValidationReport> {
  const server = await XdmaServer.mount(port, nodeFolder());
  try {
    return await validateAt({ kind: 'pcie', device: server.device }, wishes);
  } finally {
    await server.close();
  }
}

export const verdictsOf = ({ checks }: ValidationReport): Record<string, string> =>
  Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]));

/** Why a check failed, when it is the only one that did. */
export function onlyFailure({ checks }: ValidationReport): CheckResult {
  const failed = checks.filter(({ verdict }) => verdict === 'failed');
  if (failed.length === 1) return failed[0]!;
  throw new Error(
    `${failed.length} checks failed: ${failed.map(({ name, why }) => `${name}: ${why}`).join('\n')}`,
  );
}
