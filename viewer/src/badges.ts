import type { DaemonStatus, LifetimeSourceName, StartMessage } from '../../src/protocol/index.js';
import type { Liveness } from '../../src/client/index.js';
import { part, setText } from './dom.js';
import { grouped, short } from './wording.js';

/** What the first badge says; a frozen picture is not live either. */
export type Standing = Liveness | 'frozen';

export interface BadgeContent {
  standing: Standing;
  status: DaemonStatus | null;
  start: StartMessage | null;
  source: LifetimeSourceName | null;
}

/** The badges at the top: is it live, what does the daemon do, where do the numbers come from. */
export class Badges {
  readonly #camera = part('camera');
  readonly #liveness = part('liveness');
  readonly #state = part('state');
  readonly #source = part('source');
  readonly #shadow = part('shadow');

  show({ standing, status, start, source }: BadgeContent): void {
    setText(this.#liveness, standing.toUpperCase());
    this.#liveness.dataset.liveness = standing;
    this.#showCamera(status?.camera ?? start?.camera ?? null);
    this.#showState(status);
    this.#showSource(status, start, source);
    this.#showShadow(status);
  }

  #showCamera(camera: DaemonStatus['camera']): void {
    if (camera === null) return setText(this.#camera, 'no camera');
    const kind = camera.kind === 'virtual' ? 'Virtual camera' : 'FPGA camera';
    setText(
      this.#camera,
      `${kind} ${camera.serial} · ${camera.width} × ${camera.height} · ${camera.bins} bins`,
    );
    this.#camera.title = `${camera.uri}, firmware ${camera.firmware}, bitstream ${camera.bitstreamId}`;
  }

  #showState(status: DaemonStatus | null): void {
    setText(this.#state, status?.state.name ?? '–');
    const badge = badgeOf(this.#state);
    badge.dataset.state = status?.state.name ?? 'unknown';
    badge.title =
      status === null ? 'State of the acquisition' : `State of the acquisition: ${status.state.cause}`;
  }

  #showSource(
    status: DaemonStatus | null,
    start: StartMessage | null,
    source: LifetimeSourceName | null,
  ): void {
    const shown = source ?? start?.source ?? status?.lifetime.source ?? null;
    setText(this.#source, shown ?? '–');
    const place = shown === 'device' ? 'in the camera' : 'on this host';
    const reason = start?.sourceReason ?? status?.lifetime.reason;
    const kernel = status?.lifetime.kernel;
    badgeOf(this.#source).title =
      shown === null
        ? 'Where the lifetimes are computed'
        : `Lifetimes are computed ${place}${reason ? `: ${reason}` : ''}${kernel && shown === 'host' ? ` (${kernel})` : ''}`;
  }

  #showShadow(status: DaemonStatus | null): void {
    const shadow = status?.lifetime.shadow ?? null;
    const badge = badgeOf(this.#shadow);
    badge.hidden = shadow === null;
    if (shadow === null) return;
    setText(this.#shadow, `${short(shadow.mismatchedPixels)} differ`);
    badge.dataset.alarm = String(shadow.mismatchedPixels > 0);
    badge.title = `Camera and host differ in ${grouped(shadow.mismatchedPixels)} of ${grouped(shadow.pixels)} pixels compared in ${grouped(shadow.frames)} frames`;
  }
}

/** The badge around a value. */
const badgeOf = (value: HTMLElement): HTMLElement => value.parentElement!;
