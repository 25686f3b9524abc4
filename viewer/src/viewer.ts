import type { FlimdClient } from '../../src/client/index.js';
import { Badges, type Standing } from './badges.js';
import { part } from './dom.js';
import { startFrameLoop } from './frame-loop.js';
import { FreezeButton } from './freeze-button.js';
import { MapView } from './map-view.js';
import { MedianMeter, RateMeter } from './meters.js';
import { Metrics } from './metrics.js';
import { Notices } from './notices.js';
import { Picture } from './picture.js';
import { publishPictureFacts } from './picture-facts.js';
import { PixelPanel } from './pixel-panel.js';
import { RecordButton } from './record-button.js';
import { RunButton } from './run-button.js';
import { Session } from './session.js';
import { SettingsStore } from './settings.js';
import { SlowControlPanel } from './slow-control-panel.js';
import { saveSnapshot } from './snapshot.js';
import { UncertaintyControls } from './uncertainty-controls.js';
import { Veil } from './veil.js';
import { bindViewControls } from './view-controls.js';
import type { Point } from './viewport.js';
import { meanNames } from './wording.js';

/** The parts of the page and what passes between them. */
export class Viewer {
  readonly #client: FlimdClient;
  readonly #session: Session;
  readonly #settings = new SettingsStore();
  readonly #notices = new Notices();
  readonly #map: MapView;
  readonly #picture: Picture;
  readonly #pixels: PixelPanel;
  readonly #badges = new Badges();
  readonly #metrics = new Metrics();
  readonly #veil = new Veil();
  readonly #uncertainty: UncertaintyControls;
  readonly #run: RunButton;
  readonly #slowControl: SlowControlPanel;
  readonly #record: RecordButton;
  readonly #freeze: FreezeButton;
  readonly #shownRate = new RateMeter();
  readonly #latency = new MedianMeter(32);

  constructor(client: FlimdClient) {
    this.#client = client;
    this.#session = new Session(client);
    this.#map = new MapView({ onPick: (pixel) => this.#pick(pixel), onHover: (pixel) => this.#hover(pixel) });
    this.#picture = new Picture(this.#map, this.#settings);
    this.#freeze = new FreezeButton(() => this.#picture.frame);
    this.#pixels = new PixelPanel(
      client,
      this.#settings,
      () => this.#freeze.frame !== null,
      (pixel, region) => this.#map.mark(pixel, region),
    );
    this.#run = new RunButton(client, this.#notices);
    this.#slowControl = new SlowControlPanel(client, this.#notices);
    this.#record = new RecordButton(client, this.#notices);
    bindViewControls(this.#settings);
    this.#uncertainty = new UncertaintyControls(this.#settings);
    this.#session.onSeries(() => this.#beginSeries());
    client.on('status', ({ status }) => {
      this.#notices.follow('run', status.state.error);
      this.#notices.follow('recording', status.recording?.error ?? null);
    });
    client.on('error', (error) => this.#notices.show(error.toJSON()));
    part('snapshot').addEventListener('click', () => this.#saveSnapshot());
    document.addEventListener('keydown', (event) => this.#onKey(event));
    startFrameLoop(
      () => this.#paint(),
      () => this.#tick(),
    );
  }

  #beginSeries(): void {
    this.#shownRate.reset();
    this.#latency.reset();
    this.#pixels.beginSeries(this.#session.start?.camera ?? null);
    const planes = this.#session.start?.planes.map(({ name }) => name);
    this.#uncertainty.offer(planes?.includes(meanNames.intensity.errorPlane) ?? null);
    if (this.#freeze.frame === null)
      this.#picture.clear(this.#session.start?.model?.lifetimeRangePs[1] ?? null);
  }

  #pick(pixel: Point): void {
    this.#pixels.pick(pixel);
    this.#pixels.showNumbers(this.#picture.frame);
  }

  #hover(pixel: Point | null): void {
    this.#pixels.hover(pixel);
    this.#pixels.showNumbers(this.#picture.frame);
  }

  #paint(): void {
    const before = this.#picture.frame;
    const frame = this.#freeze.frame ?? this.#session.latest;
    if (!this.#picture.paint(frame, performance.now())) return;
    publishPictureFacts(frame, this.#picture.ranges, this.#settings.current);
    if (frame === null || frame === before) return;
    this.#shownRate.tick(performance.now());
    this.#latency.add(this.#client.daemonTime(clientNow()) - frame.completedAt);
  }

  #tick(): void {
    const { status, start, running } = this.#session;
    const { frame } = this.#picture;
    const standing = this.#standing();
    const frameAgeMs = frame === null ? null : this.#session.ageMs(frame, clientNow());
    const { connection } = this.#client;
    this.#badges.show({ standing, status, start, source: frame?.source ?? null });
    this.#veil.show({ standing, connection, status, frameAgeMs, now: Date.now() });
    this.#run.show(status?.state.name ?? null);
    // A daemon that is older has none.
    this.#slowControl.show(
      status === null ? undefined : (status.slowControl ?? null),
      status?.series != null,
    );
    this.#record.show(status?.recording ?? null, status?.series != null);
    this.#showMetrics(standing);
    this.#pixels.showNumbers(frame);
    this.#pixels.showDecay({ frozen: this.#freeze.frame !== null, running, status });
    Object.assign(document.documentElement.dataset, { standing, state: status?.state.name ?? 'unknown' });
  }

  #showMetrics(standing: Standing): void {
    const { status, framesSkipped, counters } = this.#session;
    this.#metrics.show({
      frame: this.#picture.frame?.frame ?? null,
      shownPerSecond: this.#shownRate.perSecond(performance.now()),
      latencyMs: standing === 'live' ? this.#latency.median : null,
      skipped: framesSkipped,
      status,
      counters,
    });
  }

  /** What of the stream may be called live: a frozen picture is not, and no connection outweighs all. */
  #standing(): Standing {
    const liveness = this.#session.liveness(clientNow());
    return this.#freeze.frame !== null && liveness !== 'disconnected' ? 'frozen' : liveness;
  }

  #saveSnapshot(): void {
    const { frame, ranges } = this.#picture;
    if (frame !== null)
      saveSnapshot({ image: this.#map.image, frame, ranges, settings: this.#settings.current });
  }

  #onKey(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const asked = document.querySelector('dialog[open]') !== null;
    if (typing || asked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'f') this.#freeze.toggle();
    if (event.key === 's') this.#saveSnapshot();
    if (event.key === 'r') void this.#record.toggle();
  }
}

/** The clock of `LifetimeFrame.receivedAt`. */
const clientNow = (): number => performance.timeOrigin + performance.now();
