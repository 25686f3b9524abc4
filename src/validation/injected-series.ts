import type { FrameSlot } from '../acquisition/acquisition.js';
import { FlimdError } from '../protocol/errors.js';
import { Random } from '../random/random.js';
import type { CameraUnderTest } from './camera-under-test.js';
import { type Finding, finding } from './check.js';
import type { FrameOrigin } from './frame-comparison.js';
import { type FrameKind, type FrameTerms, makeFrame } from './frame-kinds.js';
import type { SeriesProbe, SeriesRecord } from './series-probe.js';
import { unlessAborted } from './waiting.js';

export interface InjectedSeriesOrder {
  frames: number;
  /** Number of its first frame among all injected ones: kinds and seeds go on from series to series. */
  first: number;
  kinds: readonly FrameKind[];
  terms: FrameTerms;
  /** Bit mask of DeviceOutput. */
  output: number;
}

/** A frame that came back, beside the histograms that were sent for it. */
type ReturnedFrame = (sent: Uint16Array, slot: FrameSlot, origin: FrameOrigin) => Promise<void>;

/** Frames on their way: as many as a camera holds, and fewer than there are frame buffers. */
const MOST_UNDER_WAY = 3;

/** A series of frames that the host injects. The camera takes them in order, so numbers say which is which. */
export class InjectedSeries {
  /** What kept the series from its end. */
  readonly findings: Finding[] = [];
  readonly #sent = new Map<number, Uint16Array>();

  constructor(
    private readonly subject: CameraUnderTest,
    private readonly order: InjectedSeriesOrder,
  ) {}

  async run(look: ReturnedFrame): Promise<SeriesRecord> {
    const { subject, order } = this;
    const { frames, output, terms } = order;
    const minPhotons = subject.judge ? terms.minPhotons : undefined;
    const settings = { output, frameLimit: frames, framePeriodUs: 0, minPhotons };
    const probe = await subject.start(
      { ...settings, histogramSource: 'injected' },
      async ({ frame }, slot) => {
        const sent = this.#sent.get(frame);
        this.#forget(frame);
        if (sent) await look(sent, slot, { frame, kind: this.#kindOf(frame) });
        else this.findings.push(finding(`frame ${frame} came, which had not been injected`));
      },
    );
    const whole = (await this.#injectAll(probe)) && (await probe.untilIdle());
    if (!whole) await subject.camera.abort();
    if (!whole && !(await probe.untilIdle())) this.findings.push(finding('abort does not end the series'));
    const record = await probe.collect();
    const { framesDropped: dropped, framesSent } = record.device;
    if (whole && framesSent !== frames) {
      this.findings.push(finding(`${framesSent} frames came of ${frames} that were injected`));
    }
    if (dropped > 0) {
      this.findings.push(
        finding(`the camera dropped ${dropped} frames, although with framePeriodUs 0 it may wait`),
      );
    }
    return record;
  }

  /** False where the camera takes no more. */
  async #injectAll(probe: SeriesProbe): Promise<boolean> {
    const { frames, terms, first } = this.order;
    const { options } = this.subject;
    for (let frame = 0; frame < frames; frame++) {
      const random = new Random(options.seed, 2, first + frame);
      const histograms = makeFrame(this.#kindOf(frame), random, terms);
      if (!(await probe.until(() => this.#sent.size < MOST_UNDER_WAY))) return this.#stuck();
      this.#sent.set(frame, histograms);
      if (!(await this.#inject(frame, histograms))) return false;
    }
    return true;
  }

  async #inject(frame: number, histograms: Uint16Array): Promise<boolean> {
    const { camera, signal } = this.subject;
    try {
      await unlessAborted(camera.inject(histograms), signal);
      return true;
    } catch (error) {
      if (!(error instanceof FlimdError) || error.code === 'FLIMD_E_LINK_LOST') throw error;
      this.findings.push(finding(`frame ${frame} cannot be injected: ${error.message}`));
      return false;
    }
  }

  /** A frame has come back; those long before it will not come any more. */
  #forget(frame: number): void {
    this.#sent.delete(frame);
    for (const each of this.#sent.keys()) if (each <= frame - MOST_UNDER_WAY) this.#sent.delete(each);
  }

  #stuck(): false {
    const missing = [...this.#sent.keys()].join(', ');
    const { stallMs } = this.subject.options;
    this.findings.push(finding(`the injected frames ${missing} do not come back within ${stallMs} ms`));
    return false;
  }

  #kindOf(frame: number): FrameKind {
    const { kinds, first } = this.order;
    return kinds[(first + frame) % kinds.length]!;
  }
}
