import type { PublishedFrame } from '../acquisition/acquisition.js';

/** What the pipeline does with a frame: compute its lifetimes and hand it to its readers. */
export type FrameStage = (frame: PublishedFrame) => Promise<void>;

/**
 * Takes assembled frames in order, one at a time, and gives each buffer back when its stage is done.
 * The queue is bounded by the frame pool: a frame that waits holds a buffer.
 */
export class FramePipeline {
  private readonly waiting: PublishedFrame[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly stage: FrameStage,
    private readonly release: (slot: number) => void,
    private readonly failed: (error: unknown, frame: PublishedFrame) => void,
  ) {}

  push(frame: PublishedFrame): void {
    this.waiting.push(frame);
    this.running ??= this.run();
  }

  /** When every frame pushed so far is done. */
  async drained(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    for (let frame = this.waiting.shift(); frame; frame = this.waiting.shift()) {
      try {
        await this.stage(frame);
      } catch (error) {
        this.failed(error, frame);
      } finally {
        this.release(frame.slot);
      }
    }
    this.running = null;
  }
}
