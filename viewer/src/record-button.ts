import type { FlimdClient } from '../../src/client/index.js';
import { errorBody, type RecordingStatus } from '../../src/protocol/index.js';
import { part, setText } from './dom.js';
import type { Notices } from './notices.js';
import { type RecordButtonState, recordingWords } from './recording-words.js';

const pressed: ReadonlySet<RecordButtonState> = new Set(['next', 'recording', 'finishing', 'failed']);
const waiting: ReadonlySet<RecordButtonState> = new Set(['unknown', 'finishing']);

/** Starts and ends recordings, and tells how the one at hand does. */
export class RecordButton {
  readonly #button = part<HTMLButtonElement>('record');
  readonly #readout = part('metric-recording');
  readonly #client: FlimdClient;
  readonly #notices: Notices;
  #state: RecordButtonState = 'unknown';
  #busy = false;

  constructor(client: FlimdClient, notices: Notices) {
    this.#client = client;
    this.#notices = notices;
    this.#button.addEventListener('click', () => void this.toggle());
  }

  /** @param running a series is armed or under way */
  show(status: RecordingStatus | null, running: boolean): void {
    const { state, hint, readout, advice, alarm } = recordingWords(status, running);
    this.#state = state;
    this.#button.dataset.recording = state;
    this.#button.title = hint;
    this.#button.setAttribute('aria-pressed', String(pressed.has(state)));
    this.#button.disabled = this.#busy || waiting.has(state);
    setText(this.#readout, readout);
    this.#readout.dataset.alarm = alarm;
    this.#readout.parentElement!.title = advice;
  }

  async toggle(): Promise<void> {
    if (this.#busy || waiting.has(this.#state)) return;
    this.#busy = true;
    this.#button.disabled = true;
    try {
      await (pressed.has(this.#state) ? this.#client.stopRecording() : this.#client.startRecording());
      this.#notices.clear();
    } catch (error) {
      this.#notices.show(errorBody(error));
    } finally {
      this.#busy = false;
    }
  }
}
