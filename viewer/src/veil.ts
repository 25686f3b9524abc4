import type { ConnectionState } from '../../src/client/index.js';
import type { DaemonStatus } from '../../src/protocol/index.js';
import type { Standing } from './badges.js';
import { part, setText } from './dom.js';
import { age } from './wording.js';

export interface VeilContent {
  standing: Standing;
  connection: ConnectionState;
  status: DaemonStatus | null;
  /** A frame is on the screen, this old; null where there is none. */
  frameAgeMs: number | null;
  now: number;
}

/** The words over a map that is not live, and the dimming under them. */
export class Veil {
  readonly #map = part('map');
  readonly #veil = part('veil');
  readonly #title = part('veil-title');
  readonly #text = part('veil-text');

  show(content: VeilContent): void {
    const { standing } = content;
    this.#map.dataset.standing = standing;
    const words = veilWords(content);
    this.#veil.hidden = words === null;
    if (words === null) return;
    this.#veil.dataset.kind = words.kind;
    setText(this.#title, words.title);
    setText(this.#text, words.text);
  }
}

export interface VeilWords {
  /** A veil lies over the picture; a tag is a note in its corner. */
  kind: 'veil' | 'tag';
  title: string;
  text: string;
}

/** null: the picture may speak for itself. */
export function veilWords(content: VeilContent): VeilWords | null {
  const { standing, frameAgeMs } = content;
  const old = frameAgeMs === null ? '' : `This picture is ${age(frameAgeMs)} old.`;
  switch (standing) {
    case 'live':
      return null;
    case 'frozen':
      return { kind: 'tag', title: 'FROZEN', text: old };
    case 'stale':
      return { kind: 'veil', title: 'STALE', text: `The newest frame is ${age(frameAgeMs ?? 0)} old.` };
    case 'disconnected':
      return { kind: 'veil', title: 'DISCONNECTED', text: `${old} ${awayReason(content)}` };
    case 'waiting':
      return {
        kind: 'veil',
        title: 'WAITING',
        text: 'The series has begun; its first frame is not here yet.',
      };
    case 'stopped':
      return frameAgeMs === null ? idleWords(content.status) : { kind: 'tag', title: 'STOPPED', text: old };
  }
}

function idleWords(status: DaemonStatus | null): VeilWords {
  const error = status?.state.error ?? null;
  if (error !== null) return { kind: 'veil', title: 'NOT RUNNING', text: `${error.message}.` };
  return { kind: 'veil', title: 'READY', text: 'Press Start to begin a series.' };
}

function awayReason({ connection, status, now }: VeilContent): string {
  if (connection.name === 'open')
    return `The daemon has no camera: ${status?.state.cause ?? 'unknown cause'}.`;
  if (connection.name !== 'waiting') return 'Connecting to the daemon …';
  const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
  return `The daemon does not answer. Next attempt in ${seconds} s.`;
}
