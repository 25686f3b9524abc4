import { FlimdError } from '../protocol/errors.js';
import {
  defaultStreamPlanes,
  STREAM_PLANES_PARAMETER,
  type StreamPlane,
  streamPlanes,
} from '../protocol/stream.js';

/** The planes that a client wants. Equal choices are the same object, so that a frame is encoded once for each. */
export type PlaneChoice = ReadonlySet<string>;

const choices = new Map<string, PlaneChoice>();

function choiceOf(wanted: readonly StreamPlane[]): PlaneChoice {
  const names = streamPlanes.map(({ name }) => name).filter((name) => wanted.includes(name));
  const key = names.join();
  const choice = choices.get(key) ?? new Set(names);
  choices.set(key, choice);
  return choice;
}

/** What the address of the stream asks for, such as `?planes=meanLifetimeIntensity,photons`. Throws FLIMD_E_REQUEST. */
export function readPlaneChoice(url: string | undefined): PlaneChoice {
  const query = new URLSearchParams((url ?? '').split('?', 2)[1]);
  const text = query.get(STREAM_PLANES_PARAMETER);
  return choiceOf(text === null ? defaultStreamPlanes : text.split(',').map(planeNamed));
}

function planeNamed(name: string): StreamPlane {
  const plane = streamPlanes.find((candidate) => candidate.name === name);
  if (plane) return plane.name;
  throw new FlimdError('FLIMD_E_REQUEST', `there is no plane "${name.slice(0, 40)}"`, {
    value: name.slice(0, 40),
    expected: streamPlanes.map((candidate) => candidate.name).join(', '),
    action: `name planes after ?${STREAM_PLANES_PARAMETER}=, separated by commas, or leave it out`,
  });
}
