import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseSimOptions, PixelKind, truthMaps } from '../../src/camera-sim/index.js';
import { FlimdClient, type LifetimeFrame } from '../../src/client/index.js';
import { type DaemonStatus, streamPlanes } from '../../src/protocol/index.js';
import { pixelColour, invalidColour, packRgba } from '../../src/colour/colour.js';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import { palettes } from '../../src/colour/palettes.js';
import { mapFrame, readPixel } from '../../viewer/src/shown-frame.js';
import { withError } from '../../viewer/src/wording.js';
import { agreement } from './agreement.js';
import { chromiumArguments, findChromium } from './chromium.js';
import { DaemonProcess } from './daemon-process.js';
import {
  chromaLeft,
  countWithoutEstimate,
  lifetimesOfColours,
  missingRows,
  readShownMap,
} from './shown-map.js';

const root = path.resolve(import.meta.dirname, '../..');
const executablePath = findChromium();
if (executablePath === null && process.env.CI === undefined) {
  console.log('browser test skipped: install Chromium (apt-get install chromium) or set FLIMD_CHROMIUM');
}

const scene = { width: '128', height: '128', fps: '5', seed: '1' };
/** Ms for what takes a moment on a busy machine. */
const patience = { timeout: 30_000 };
const camera = `sim:${new URLSearchParams(scene).toString()}`;
const options = parseSimOptions(scene);
const size = { width: options.width, height: options.height };

/** The brightest pixel with a lifetime, away from the border. */
function brightestPixel(frame: LifetimeFrame): { x: number; y: number } {
  const { lifetime, photons } = mapFrame(frame, 'intensity');
  let brightest = { x: 0, y: 0, photons: 0 };
  for (let y = 40; y < size.height - 40; y++) {
    for (let x = 40; x < size.width - 40; x++) {
      const at = y * size.width + x;
      if (lifetime[at] !== 0 && photons[at]! > brightest.photons) brightest = { x, y, photons: photons[at]! };
    }
  }
  return brightest;
}

describe.skipIf(executablePath === null && process.env.CI === undefined)('the viewer in Chromium', () => {
  let browser: Browser;
  let daemon: DaemonProcess;
  let page: Page;
  /** Folder of the daemon's recordings. */
  let recordings: string;
  /** What the browser complained about. */
  const complaints: string[] = [];

  beforeAll(async () => {
    if (executablePath === null) throw new Error('no Chromium: apt-get install chromium');
    recordings = mkdtempSync(path.join(tmpdir(), 'flimd-viewer-'));
    const folder = ['--set', `recording.directory=${recordings}`, '--set', 'recording.minFreeBytes=0'];
    daemon = await DaemonProcess.start(camera, 0, ...folder);
    browser = await chromium.launch({ executablePath, args: chromiumArguments });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(daemon.url);
  });

  afterAll(async () => {
    await browser?.close();
    await daemon?.stop();
    rmSync(recordings, { recursive: true, force: true });
  });

  const part = (name: string): Locator => page.getByTestId(name);

  const standing = (name: string): Promise<unknown> =>
    page.waitForFunction((wanted) => document.documentElement.dataset.standing === wanted, name);

  /** Where everything on the page lies. */
  const boxes = (): Promise<unknown> =>
    page.evaluate(() =>
      [...document.querySelectorAll('.badge, .actions button, .metrics dd, .map, .readout, .panel')].map(
        (element) => JSON.stringify(element.getBoundingClientRect()),
      ),
    );

  const laterFrame = (than: number): Promise<unknown> =>
    page.waitForFunction((frame) => Number(document.documentElement.dataset.frame) > frame, than);

  /** The frame on the screen, held there, and the same frame as another client received it. */
  async function freeze(): Promise<LifetimeFrame> {
    const frames = new Map<number, LifetimeFrame>();
    const planes = streamPlanes.map(({ name }) => name);
    const client = FlimdClient.connect({ url: daemon.url, webSocket: WebSocket, planes });
    client.on('frame', (frame) => frames.set(frame.frame, frame));
    try {
      const { frame: first } = await client.once('frame');
      await laterFrame(first);
      await part('freeze').click();
      const shown = Number(await page.evaluate(() => document.documentElement.dataset.frame));
      await expect.poll(() => frames.has(shown), patience).toBe(true);
      return frames.get(shown)!;
    } finally {
      client.close();
    }
  }

  async function thaw(): Promise<void> {
    await part('freeze').click();
    await standing('live');
  }

  it('goes live by itself and says what it is', async () => {
    await standing('live');
    await laterFrame(5);
    expect(await part('liveness').textContent()).toBe('LIVE');
    expect(await part('state').textContent()).toBe('acquiring');
    const { lifetime } = (await (await fetch(`${daemon.url}/api/v1/status`)).json()) as DaemonStatus;
    expect(await part('source').textContent()).toBe(lifetime.source);
    expect(await part('camera').textContent()).toContain('128 × 128');
    expect(await part('veil').isVisible()).toBe(false);
  });

  it('shows the true lifetimes of the scene', async () => {
    const map = await readShownMap(page, size);
    const truth = truthMaps(options, map.frame);
    const shown = lifetimesOfColours(map);
    const inCells = (at: number): boolean => truth.kind[at] !== PixelKind.between;
    const result = agreement(shown, truth.tauIntPs, inCells);
    console.log(
      `canvas against ground truth, frame ${map.frame}: ${result.pixels} pixels, median error ` +
        `${result.medianAbsoluteError.toFixed(0)} ps, correlation ${result.correlation.toFixed(3)}`,
    );
    expect(map.sharp).toBe(true);
    expect(map.mean).toBe('intensity');
    expect(result.pixels).toBeGreaterThan(5000);
    expect(result.medianAbsoluteError).toBeLessThan(200);
    expect(result.correlation).toBeGreaterThan(0.9);
    // Another moment of the scene, and the picture upside down, agree less: position and time are right too.
    const upsideDown = shown.map(
      (_, at) => shown[(size.height - 1) * size.width - at + 2 * (at % size.width)]!,
    );
    expect(agreement(upsideDown, truth.tauIntPs, inCells).correlation).toBeLessThan(0.5);
  });

  it('gives every pixel exactly the colour of its values', async () => {
    const frame = await freeze();
    const map = await readShownMap(page, size);
    const { lifetime, photons } = mapFrame(frame, 'intensity');
    const expected = map.colours.map((_, at) => {
      const [x, y] = [at % size.width, Math.floor(at / size.width)];
      if (lifetime[at] === 0) return packRgba(invalidColour(x, y));
      return packRgba(pixelColour(lifetime[at]!, photons[at]!, map, palettes[map.palette].colours, 'both'));
    });
    expect(map.frame).toBe(frame.frame);
    expect(Buffer.compare(Buffer.from(map.colours.buffer), Buffer.from(expected.buffer))).toBe(0);
    expect(countWithoutEstimate(map)).toBeGreaterThan(100);
    await thaw();
  });

  it('reads the picked pixel’s values from the planes', async () => {
    const frame = await freeze();
    await standing('frozen');
    const pixel = brightestPixel(frame);
    const canvas = part('map-canvas');
    const [scale, x0, y0] = await canvas.evaluate((element) =>
      ['scale', 'originX', 'originY'].map((key) => Number(element.dataset[key])),
    );
    const position = { x: x0! + (pixel.x + 0.5) * scale!, y: y0! + (pixel.y + 0.5) * scale! };
    await canvas.click({ position });
    const { intensity, amplitude, photons } = readPixel(frame, pixel);
    expect(await part('pixel-where').textContent()).toBe(`${pixel.x} , ${pixel.y}`);
    expect(await part('pixel-tau-int').textContent()).toBe((intensity.tauPs / 1000).toFixed(3));
    expect(await part('pixel-tau-amp').textContent()).toBe((amplitude.tauPs / 1000).toFixed(3));
    const errorText = (ps: number | null): string => `± ${(ps! / 1000).toFixed(3)}`;
    expect(await part('pixel-error-int').textContent()).toBe(errorText(intensity.errorPs));
    expect(await part('pixel-error-amp').textContent()).toBe(errorText(amplitude.errorPs));
    // The pointer is still there.
    const pointed = `⟨τ⟩ int ${withError(intensity.tauPs, intensity.errorPs!)} ns`;
    await expect.poll(() => part('hover').textContent(), patience).toContain(pointed);
    expect(await part('pixel-photons').textContent()).toBe(photons.toLocaleString('en-US'));
    // The note follows with the next picture drawn, the values at once.
    await expect.poll(() => part('decay-note').textContent(), patience).toContain('frozen');
    await thaw();
  });

  it('shows the standard error as saturation, and no estimate as before', async () => {
    const vivid = await freeze().then(async (frame) => ({ frame, map: await readShownMap(page, size) }));
    const toggle = page.getByRole('checkbox', { name: 'Uncertainty as saturation' });
    await toggle.check();
    await page.waitForFunction(() => document.documentElement.dataset.errorMax === '30');
    expect(new URL(page.url()).searchParams.get('uncertainty')).toBe('on');
    const map = await readShownMap(page, size);
    expect(map.frame).toBe(vivid.frame.frame);
    expect(map.error).toEqual({ min: 5, max: 30 });

    const { lifetime, photons, error } = mapFrame(vivid.frame, 'intensity');
    const expected = map.colours.map((_, at) => {
      if (lifetime[at] === 0) return vivid.map.colours[at]!;
      const { colours } = palettes[map.palette];
      return packRgba(pixelColour(lifetime[at]!, photons[at]!, map, colours, 'both', error![at]!));
    });
    expect(Buffer.compare(Buffer.from(map.colours.buffer), Buffer.from(expected.buffer))).toBe(0);

    // From the pixels alone: chroma left, against the standard-error plane.
    const left = chromaLeft(vivid.map.colours, map.colours, (at) => lifetime[at] !== 0);
    expect(left.length).toBeGreaterThan(1000);
    for (const { at, share } of left) {
      const percent = (100 * error![at]!) / lifetime[at]!;
      const wanted = Math.min(1, Math.max(0, (30 - percent) / 25));
      // 8 bits of a colour whose channels are at least 64 apart.
      expect(Math.abs(share - wanted), `${percent} %`).toBeLessThan(0.05);
    }
    const shares = left.map(({ share }) => share);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.2);

    const grey = page.getByRole('spinbutton', {
      name: 'Grey from this relative standard error on, per cent',
    });
    await grey.fill('6');
    await grey.press('Enter');
    await page.waitForFunction(() => document.documentElement.dataset.errorMax === '6');
    const tight = await readShownMap(page, size);
    const gone = chromaLeft(vivid.map.colours, tight.colours, (at) => error![at]! > 0.06 * lifetime[at]!);
    expect(gone.length).toBeGreaterThan(100);
    expect(gone.every(({ share }) => share === 0)).toBe(true);
    expect(countWithoutEstimate(tight)).toBe(countWithoutEstimate(vivid.map));

    await grey.fill('30');
    await grey.press('Enter');
    await toggle.uncheck();
    expect(new URL(page.url()).search).toBe('');
    await thaw();
  });

  it('draws the picked pixel’s decay while histograms flow', async () => {
    await page.waitForSelector('[data-testid="decay"][data-shown="true"]');
    await expect
      .poll(() => part('decay-title').textContent(), patience)
      .toMatch(/^Decay · ([3-9]|\d\d+) frames · \d/);
    // With a decoder in the package the second line, without one the reason.
    await expect
      .poll(() => part('decay-deconvolved').textContent(), patience)
      .toMatch(/^(Deconvolved, \d|Not deconvolved: .* has no decoder$)/);
  });

  it('sums the decays of the pixels about the picked one', async () => {
    const photonsPerFrame = async () => {
      const title = (await part('decay-title').textContent())!.replaceAll(',', '');
      const [, frames, photons] = /^Decay · (\d+) frames? · (\d+)/.exec(title) ?? [];
      return Number(photons) / Number(frames);
    };
    const marker = async () => (await part('marker').boundingBox())!.width;
    const [photons, width] = [await photonsPerFrame(), await marker()];
    await part('decay-region').selectOption('9');
    // The brightest pixel is brighter than those about it, but not eight times as bright.
    await expect.poll(photonsPerFrame, patience).toBeGreaterThan(10 * photons);
    expect(await marker()).toBeGreaterThan(width);
    expect(new URL(page.url()).search).toBe('?region=9');
    await part('decay-region').selectOption('1');
    expect(new URL(page.url()).search).toBe('');
  });

  it('keeps its view in the address', async () => {
    await part('palette').selectOption('rainbow');
    await part('mean').getByText('Amplitude-weighted').click();
    await page.waitForFunction(() => document.documentElement.dataset.mean === 'amplitude');
    expect(new URL(page.url()).search).toBe('?palette=rainbow&mean=amplitude');
    expect(await part('lifetime-scale').locator('h2').textContent()).toBe(
      'Amplitude-weighted mean lifetime, ns',
    );
    await part('palette').selectOption('isoluminant');
    await part('mean').getByText('Intensity-weighted').click();
    expect(new URL(page.url()).search).toBe('');
  });

  it('stops and starts the run', async () => {
    const { series } = await readShownMap(page, size);
    await part('run').click();
    await standing('stopped');
    expect(await part('liveness').textContent()).toBe('STOPPED');
    await expect.poll(() => part('run').textContent(), patience).toBe('Start');
    await part('run').click();
    await standing('live');
    expect((await readShownMap(page, size)).series).toBeGreaterThan(series);
  });

  it('records at a click, tells how it goes, and ends with the next', async () => {
    const record = part('record');
    const lamp = () => record.getAttribute('data-recording');
    await expect.poll(lamp, patience).toBe('off');
    const before = await boxes();
    await record.click();
    await expect.poll(lamp, patience).toBe('recording');
    await expect
      .poll(() => part('metric-recording').textContent(), patience)
      .toMatch(/^[1-9]\d* \(0\) · [\d.]+ [kM]B$/);
    expect(await record.getAttribute('aria-pressed')).toBe('true');
    expect(await boxes(), 'nothing moves').toEqual(before);
    await page.keyboard.press('r');
    await expect.poll(lamp, patience).toBe('off');
    const [file, ...others] = readdirSync(recordings);
    expect(others).toEqual([]);
    const recording = await RecordingReader.open(path.join(recordings, file!));
    expect(recording.end).toMatchObject({
      reason: 'recordingStopped',
      recorder: { framesDroppedByRecorder: 0 },
    });
    expect(await part('metric-recording').textContent()).toMatch(
      new RegExp(`^${recording.frames} \\(0\\) · `),
    );
    recording.close();

    // A folder that is gone: the page says so, and what to do.
    rmSync(recordings, { recursive: true });
    await record.click();
    await expect.poll(() => part('notices').textContent(), patience).toContain('FLIMD_E_RECORDING_DIRECTORY');
    await part('notices').getByRole('button').click();
    // The browser tells of the refusal as well; nothing else went wrong so far.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('409')]);
    mkdirSync(recordings);
  });

  it('calls a daemon that hangs stale, and goes on when it does', async () => {
    await laterFrame(3);
    const before = await boxes();
    daemon.suspend();
    await standing('stale');
    expect(await part('liveness').textContent()).toBe('STALE');
    expect(await part('veil').textContent()).toMatch(/The newest frame is .* old/);
    expect(await boxes(), 'nothing moves').toEqual(before);
    daemon.resume();
    await standing('live');
  });

  it('says that a stopped daemon is gone, and shows a new series when it is back', async () => {
    const { uid } = await readShownMap(page, size);
    const { port } = daemon;
    expect(await daemon.stop()).toBe(0);
    await standing('disconnected');
    expect(await part('liveness').textContent()).toBe('DISCONNECTED');
    expect(await part('veil').textContent()).toContain('The daemon does not answer');
    expect(await part('state').textContent()).toBe('–');
    expect(await part('run').isDisabled()).toBe(true);

    daemon = await DaemonProcess.start(camera, port);
    await standing('live');
    expect((await readShownMap(page, size)).uid).not.toBe(uid);
    await part('veil').waitFor({ state: 'hidden' });
    await page.waitForSelector('[data-testid="decay"][data-shown="true"]');
  });

  it('says where a camera sends no standard errors, and shows its lifetimes as ever', async () => {
    const plain = await DaemonProcess.start(`${camera}&standardErrors=false`);
    const other = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    try {
      await other.goto(`${plain.url}?uncertainty=on`);
      await other.waitForFunction(() => document.documentElement.dataset.standing === 'live');
      const toggle = other.getByRole('checkbox', { name: 'Uncertainty as saturation' });
      expect(await toggle.isDisabled()).toBe(true);
      expect(await other.getByTestId('uncertainty-note').textContent()).toContain('no standard errors');
      const ofErrors = await other.evaluate(() => {
        const { errorMin, errorMax } = document.documentElement.dataset;
        return [errorMin, errorMax];
      });
      expect(ofErrors).toEqual(['', '']);
      const map = await readShownMap(other, size);
      const vivid = lifetimesOfColours(map).filter((tauPs) => tauPs > 0);
      expect(vivid.length).toBeGreaterThan(5000);
      await other.getByTestId('map-canvas').hover();
      await expect.poll(() => other.getByTestId('hover').textContent(), patience).toMatch(/photons$/);
      expect(await other.getByTestId('hover').textContent()).not.toContain('±');
    } finally {
      await other.close();
      await plain.stop();
    }
  });

  it('shows rows that are missing from a partial frame', async () => {
    const faulty = await DaemonProcess.start(`${camera}&faults=drop:0.05`);
    const other = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    try {
      await other.goto(faulty.url);
      await other.waitForFunction(() => document.documentElement.dataset.standing === 'live');
      await expect
        .poll(async () => missingRows(await readShownMap(other, size)).length, patience)
        .toBeGreaterThan(0);
      await expect.poll(() => other.getByTestId('metric-partial').textContent(), patience).toMatch(/^[1-9]/);
    } finally {
      await other.close();
      await faulty.stop();
    }
  });

  it.each([
    [1280, 800],
    [1920, 1080],
    [1024, 768],
    [820, 1180],
  ])('fits a window of %i × %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await standing('live');
    expect((await readShownMap(page, size)).sharp).toBe(true);
  });

  it('takes the picture of the README', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.mouse.move(0, 0);
    await expect.poll(() => part('decay-title').textContent(), patience).toMatch(/ \d\d+ frames/);
    const picture = path.join(root, 'docs', 'viewer.png');
    const renew = process.env.FLIMD_SCREENSHOT !== undefined || !existsSync(picture);
    mkdirSync(path.join(root, 'dist'), { recursive: true });
    const taken = await page.screenshot({ path: renew ? picture : path.join(root, 'dist', 'viewer.png') });
    expect(taken.length).toBeGreaterThan(50_000);
  });

  it('gives the browser nothing to complain about', () => {
    // While the daemon was away its address refused connections: that is what the test wanted.
    expect(complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });
});
