import type { FlimdClient } from '../../src/client/index.js';
import { errorBody, type RunState } from '../../src/protocol/index.js';
import { part, setText } from './dom.js';
import type { Notices } from './notices.js';

type Action = { label: string; verbs: ('arm' | 'start' | 'stop')[]; hint: string };

/** What the button does in each state of the run; no verbs: it waits. */
const actions: Record<RunState, Action> = {
  disconnected: { label: 'Start', verbs: [], hint: 'The camera is not connected' },
  initializing: { label: 'Start', verbs: [], hint: 'The camera is being set up' },
  idle: { label: 'Start', verbs: ['arm', 'start'], hint: 'Begin a new series' },
  armed: { label: 'Start', verbs: ['start'], hint: 'Begin the armed series' },
  acquiring: { label: 'Stop', verbs: ['stop'], hint: 'End the series; everything acquired still arrives' },
  draining: { label: 'Stopping', verbs: [], hint: 'The last frames arrive' },
  error: { label: 'Start', verbs: ['arm', 'start'], hint: 'Try again: begin a new series' },
};

/** Start or stop, whichever the state allows. */
export class RunButton {
  readonly #button = part<HTMLButtonElement>('run');
  readonly #client: FlimdClient;
  readonly #notices: Notices;
  #state: RunState | null = null;
  #busy = false;

  constructor(client: FlimdClient, notices: Notices) {
    this.#client = client;
    this.#notices = notices;
    this.#button.addEventListener('click', () => void this.#run());
  }

  /** @param state null while the daemon is out of reach */
  show(state: RunState | null): void {
    this.#state = state;
    const action = state === null ? null : actions[state];
    setText(this.#button, action?.label ?? 'Start');
    this.#button.title = action?.hint ?? 'The daemon is out of reach';
    this.#button.dataset.does = action?.verbs[0] === 'stop' ? 'stop' : 'start';
    this.#button.disabled = this.#busy || action === null || action.verbs.length === 0;
  }

  async #run(): Promise<void> {
    if (this.#state === null || this.#busy) return;
    this.#busy = true;
    this.#button.disabled = true;
    try {
      for (const verb of actions[this.#state].verbs) this.#state = await this.#client[verb]();
      this.#notices.clear();
    } catch (error) {
      this.#notices.show(errorBody(error));
    } finally {
      this.#busy = false;
      this.show(this.#state);
    }
  }
}
