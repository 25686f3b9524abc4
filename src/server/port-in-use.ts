import { FlimdError } from '../protocol/errors.js';
import { httpUrl } from './listen-address.js';

const PROBE_TIMEOUT_MS = 1000;

/** The FLIMD_E_PORT_IN_USE for an address, saying which flimd holds it if it is one. */
export async function portInUse(address: string, port: number): Promise<FlimdError> {
  const url = httpUrl(address, port);
  const holder = await describeHolder(url);
  return new FlimdError('FLIMD_E_PORT_IN_USE', `${url} is taken by ${holder}`, {
    value: port,
    expected: 'a free port',
    action: 'stop that program, or choose another port with --port',
  });
}

/** Asks without our token: the program there is not known to be one of ours. */
async function describeHolder(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/status`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    .then((response) => response.json() as Promise<unknown>)
    .catch(() => null);
  return holderOf(answer);
}

function holderOf(answer: unknown): string {
  const other = 'another program';
  if (typeof answer !== 'object' || answer === null) return other;
  const { version, uptimeS, state, camera, error } = answer as {
    version?: unknown;
    uptimeS?: unknown;
    state?: { name?: unknown };
    camera?: { uri?: unknown } | null;
    error?: { code?: unknown };
  };
  if (String(error?.code).startsWith('FLIMD_E_')) return 'another flimd, which asks for a token';
  if (typeof version !== 'string' || typeof uptimeS !== 'number' || !state) return other;
  const of = camera ? `camera ${String(camera.uri)}` : 'no camera';
  return `flimd ${version} with ${of}, ${String(state.name)}, up ${Math.round(uptimeS)} s`;
}
