import { FlimdClient } from '../../src/client/index.js';
import { Badges, type Standing } from './badges.js';
import { DecayPanel } from './decay-panel.js';
import { part } from './dom.js';
import { startFrameLoop } from './frame-loop.js';
import { FreezeButton } from './freeze-button.js';
import { MapView } from './map-view.js';
import { MedianMeter, RateMeter } from './meters.js';
import { Metrics } from './metrics.js';
import { Notices } from './notices.js';
import { Picture } from './picture.js';
import { PixelReadout } from './pixel-readout.js';
import { RunButton } from './run-button.js';
import { Session } from './session.js';
import { SettingsStore } from './settings.js';
import { readPixel } from './shown-frame.js';
import { saveSnapshot } from './snapshot.js';
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
  readonly #readout = new PixelReadout();
  readonly #decays: DecayPanel;
  readonly #badges = new Badges();
  readonly #metrics = new Metrics();
  readonly #veil = new Veil();
  readonly #run: RunButton;
  readonly #freeze: FreezeButton;
  readonly #shownRate = new RateMeter();
  readonly #latency = new MedianMeter(32);
  #picked: Point | null = null;
  #hovered: Point | null = null;

  constructor(client: FlimdClient) {
    this.#client = client;
    this.#session = new Session(client);
    this.#map = new MapView({ onPick: (pixel) => this.#pick(pixel), onHover: (pixel) => this.#hover(pixel) });
    this.#picture = new Picture(this.#map, this.#settings);
    this.#decays = new DecayPanel(this.#settings);
    this.#run = new RunButton(client, this.#notices);
    this.#freeze = new FreezeButton(() => this.#picture.frame);
    bindViewControls(this.#settings);
    this.#session.onSeries(() => this.#beginSeries());
    client.on('error', (error) => this.#notices.show(error.toJSON()));
    client.on('decay', (decay) => {
      if (this.#freeze.frame === null) this.#decays.add(decay);
    });
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
    this.#decays.watch(this.#picked);
    if (this.#freeze.frame === null)
      this.#picture.clear(this.#session.start?.model?.lifetimeRangePs[1] ?? null);
  }

  #pick(pixel: Point): void {
    this.#picked = pixel;
    this.#map.mark(pixel);
    this.#client.watch(pixel);
    this.#decays.watch(pixel);
    this.#showPixels();
  }

  #hover(pixel: Point | null): void {
    this.#hovered = pixel;
    this.#showPixels();
  }

  #paint(): void {
    const before = this.#picture.frame;
    const frame = this.#freeze.frame ?? this.#session.latest;
    if (!this.#picture.paint(frame, performance.now())) return;
    this.#describePicture();
    if (frame === null || frame === before) return;
    this.#shownRate.tick(performance.now());
    this.#latency.add(this.#client.daemonNow() - frame.completedAt);
  }

  #tick(): void {
    const { status, start } = this.#session;
    const standing = this.#standing();
    const frame = this.#picture.frame;
    this.#badges.show({ standing, status, start, source: frame?.source ?? null });
    this.#veil.show({
      standing,
      connection: this.#client.connection,
      status,
      frameAgeMs: frame === null ? null : clientNow() - frame.receivedAt,
      now: Date.now(),
    });
    this.#run.show(status?.state.name ?? null);
    this.#metrics.show({
      frame: frame?.frame ?? null,
      shownPerSecond: this.#shownRate.perSecond(performance.now()),
      latencyMs: standing === 'live' ? this.#latency.median : null,
      skipped: this.#session.framesSkipped,
      status,
      counters: this.#session.counters,
    });
    this.#decays.show({
      picked: this.#picked !== null,
      frozen: this.#freeze.frame !== null,
      running: this.#session.running,
      status,
    });
    this.#showPixels();
    Object.assign(document.documentElement.dataset, { standing, state: status?.state.name ?? 'unknown' });
  }

  /** What of the stream may be called live: a frozen picture is not, and no connection outweighs all. */
  #standing(): Standing {
    const liveness = this.#session.liveness(clientNow());
    return this.#freeze.frame !== null && liveness !== 'disconnected' ? 'frozen' : liveness;
  }

  #showPixels(): void {
    const frame = this.#picture.frame;
    const read = (pixel: Point | null) =>
      frame === null || pixel === null || pixel.x >= frame.width || pixel.y >= frame.height
        ? null
        : readPixel(frame, pixel);
    this.#readout.showPicked(this.#picked, read(this.#picked));
    this.#readout.showHovered(this.#hovered, read(this.#hovered));
  }

  /** What is on the canvas, for tests and scripts: with these `colour.ts` can be inverted. */
  #describePicture(): void {
    const frame = this.#picture.frame;
    const { lifetime, photons } = this.#picture.ranges;
    const { mode, mean, palette } = this.#settings.current;
    Object.assign(document.documentElement.dataset, {
      series: frame?.series ?? '',
      uid: frame?.uid ?? '',
      frame: frame?.frame ?? '',
      lifetimeMin: lifetime.min,
      lifetimeMax: lifetime.max,
      photonsMin: photons.min,
      photonsMax: photons.max,
      mode,
      mean,
      palette,
    });
  }

  #saveSnapshot(): void {
    const frame = this.#picture.frame;
    if (frame === null) return;
    const { mode, mean, palette } = this.#settings.current;
    const time = new Date(frame.completedAt).toISOString();
    const provenance = `series ${frame.series}, frame ${frame.frame}, ${time}, computed by ${frame.source}`;
    saveSnapshot(
      {
        image: this.#map.image,
        ranges: this.#picture.ranges,
        palette,
        mode,
        meanName: meanNames[mean].name,
        provenance,
      },
      `flimd-series${frame.series}-frame${frame.frame}.png`,
    );
  }

  #onKey(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'f') this.#freeze.toggle();
    if (event.key === 's') this.#saveSnapshot();
  }
}

/** The clock of `LifetimeFrame.receivedAt`. */
const clientNow = (): number => performance.timeOrigin + performance.now();
