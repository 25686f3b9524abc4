import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import { SlowControlPort } from '../../src/camera-sim/pty/slow-control-port.js';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import { createSlowControl } from '../../src/camera-sim/slow-control/create-slow-control.js';
import { noLineFaults } from '../../src/camera-sim/slow-control/line-faults.js';
import type { SlowControlStatus } from '../../src/protocol/index.js';
import { FlimdProcess } from '../support/flimd-process.js';
import { chromiumArguments, findChromium } from './chromium.js';

const executablePath = findChromium();
if (executablePath === null && process.env.CI === undefined) {
  console.log('browser test skipped: install Chromium (apt-get install chromium) or set FLIMD_CHROMIUM');
}

/** Ms for what takes a moment on a busy machine. */
const patience = { timeout: 30_000 };
const scene = { width: '32', height: '32', photons: '100', fps: '5' };

describe.skipIf(executablePath === null && process.env.CI === undefined)(
  'the slow control in the viewer',
  () => {
    let browser: Browser;
    let page: Page;
    let daemon: FlimdProcess;
    let camera: SimServer;
    let port: SlowControlPort;
    const complaints: string[] = [];

    beforeAll(async () => {
      const options = parseSimOptions(scene);
      const slowControl = createSlowControl(options, { ...noLineFaults, alarms: [] });
      camera = await SimServer.listen(await createDevice(options, slowControl.sensor), '127.0.0.1', 0);
      port = SlowControlPort.open(`/tmp/flimd-browser-${process.pid}`, slowControl.port);
      daemon = await FlimdProcess.start([
        'serve',
        ...['--port', '0', '--camera', `tcp:127.0.0.1:${camera.address.port}`, '--slow-control', port.path],
        ...['--set', 'slowControl.pollMs=100', '--set', 'reconnect.initialMs=100', '--log-level', 'silent'],
      ]);
      browser = await chromium.launch({ executablePath: executablePath!, args: chromiumArguments });
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(patience.timeout / 2);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(daemon.ready.url);
      await panel().waitFor();
    });

    afterAll(async () => {
      await browser?.close();
      await daemon?.stop();
      port?.close();
      await camera?.close();
    });

    const panel = () => page.getByRole('region', { name: 'Slow control' });
    const part = (name: string) => page.getByTestId(name);
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const text = (name: string) => part(name).textContent();
    const soon = (name: string) => expect.poll(() => text(name), patience);
    const status = async () =>
      (await (await fetch(`${daemon.ready.url}/api/v1/slow-control`)).json()) as SlowControlStatus;
    const post = (path: string) => fetch(`${daemon.ready.url}/api/v1/${path}`, { method: 'POST' });

    async function bias(direction: 'up' | 'down'): Promise<void> {
      await button(direction === 'up' ? 'Bias on' : 'Bias off').click();
      await button(direction === 'up' ? '▲ Bias up' : '▼ Bias down').click();
      await soon('slow-control-bias').toMatch(direction === 'up' ? /^on/ : /^off/);
    }

    it('reads what the camera says, beside a dark map', async () => {
      await soon('slow-control-bias').toBe('off · 0.0 V');
      expect(await text('slow-control-gate-delay')).toBe('1,500 ps');
      expect(await text('slow-control-laser')).toBe('80.000 MHz');
      // It cools down meanwhile, and the page shows the status before.
      await vi.waitFor(async () => {
        const { values } = await status();
        const shown = parseFloat((await text('slow-control-sensor'))!);
        expect(shown).toBeCloseTo(values!['sensorTemperatureMc']! / 1000, 0);
      }, 10_000);
      expect(await text('slow-control-alarms')).toBe('none');
      expect(await part('alarm-banner').isVisible()).toBe(false);
      await soon('metric-photons').toBe('0');
    });

    it('asks which way before the bias goes up, and lets it be where that is not wanted', async () => {
      await button('Bias on').click();
      const dialog = page.getByRole('dialog', { name: 'Bring the bias up?' });
      expect(await dialog.textContent()).toMatch(
        /From 0\.0 V up to 2[23]\.\d V, 3\.00 V beyond breakdown, in about 2\.3 s/,
      );
      // Enter alone brings no bias up.
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'hidden' });
      await button('Bias on').click();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect(port.physics.supply.state).toBe('off');
    });

    it('brings the bias up, and the picture with it', async () => {
      await button('Bias on').click();
      await button('▲ Bias up').click();
      await soon('slow-control-bias').toMatch(/^▲ ramping up · \d/);
      // The breakdown voltage moves with the temperature of the sensor.
      await soon('slow-control-bias').toMatch(/^on · 2[23]\.\d V$/);
      await soon('slow-control-excess').toBe('3.00 V');
      expect(await button('Bias on').isDisabled()).toBe(true);
      await soon('metric-photons').toMatch(/ k$/);
    });

    it('keeps set-points while a run is under way, and says why', async () => {
      await expect.poll(() => button('Set-points').isDisabled(), patience).toBe(true);
      expect(await button('Set-points').getAttribute('title')).toContain('while a run is armed or under way');
    });

    it('changes set-points within the limits of the camera, without a run', async () => {
      await part('run').click();
      await expect.poll(() => button('Set-points').isEnabled(), patience).toBe(true);
      await button('Set-points').click();
      const dialog = page.getByRole('dialog', { name: 'Set-points' });
      const excess = page.getByRole('textbox', { name: 'Excess voltage, V' });
      expect(await excess.inputValue()).toBe('3');
      await excess.fill('9');
      await button('Apply').click();
      expect(await text('setpoint-error')).toBe('Excess voltage: 0 to 6 V, please.');
      expect(await excess.getAttribute('aria-invalid')).toBe('true');
      await excess.fill('2.5');
      await page.getByRole('textbox', { name: 'Gate delay, ps' }).fill('4000');
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'hidden' });
      await soon('slow-control-gate-delay').toBe('4,000 ps');
      await soon('slow-control-excess').toBe('2.50 V');
      expect(port.physics.setpoints).toMatchObject({ excessVoltageSetpointMv: 2500, gateDelayPs: 4000 });
    });

    it('tells in words what the daemon refuses, where it was asked', async () => {
      await button('Set-points').click();
      await page.getByRole('textbox', { name: 'Gate delay, ps' }).fill('1');
      // Somebody else arms meanwhile.
      expect((await post('arm')).status).toBe(200);
      await button('Apply').click();
      await soon('setpoint-error').toBe(
        'set-points stay as they are while a run is armed or under way. stop or disarm first',
      );
      await button('Cancel').click();
      await post('disarm');
      expect(port.physics.setpoints.gateDelayPs).toBe(4000);
    });

    it('shows an alarm in words, and moves nothing by it', async () => {
      const boxes = () =>
        page.evaluate(() =>
          [...document.querySelectorAll('.badge, .slow-control div, .slow-control button, .map, .panel')].map(
            (element) => JSON.stringify(element.getBoundingClientRect()),
          ),
        );
      const before = await boxes();
      port.physics.breakDown('interlock');
      await soon('slow-control-alarms').toBe('1 latched');
      expect(await part('alarm-banner').getByRole('alert').textContent()).toBe(
        'interlock: the interlock is open',
      );
      await soon('slow-control-bias').toBe('off · 0.0 V');
      expect(await boxes()).toEqual(before);
      expect(await button('Bias on').isDisabled()).toBe(true);
      const colour = await part('slow-control-alarms').evaluate((element) => getComputedStyle(element).color);
      expect(colour).toBe('rgb(255, 130, 119)');
    });

    it('acknowledges an alarm whose cause is gone, and only then', async () => {
      await button('Acknowledge').click();
      await expect.poll(async () => (await status()).alarms, patience).toEqual(['interlock']);
      expect(await part('alarm-banner').isVisible()).toBe(true);
      port.physics.repair('interlock');
      await button('Acknowledge').click();
      await part('alarm-banner').waitFor({ state: 'hidden' });
      expect(await text('slow-control-alarms')).toBe('none');
    });

    it('takes the bias down with two keys', async () => {
      await bias('up');
      await button('Bias off').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Take the bias down?' }).waitFor();
      await page.keyboard.press('Enter');
      await soon('slow-control-bias').toMatch(/^(▼ ramping down|off)/);
      await soon('slow-control-bias').toBe('off · 0.0 V');
    });

    it('takes no keys of the map while it asks', async () => {
      await button('Bias on').click();
      await page.keyboard.press('f');
      expect(await part('freeze').getAttribute('aria-pressed')).toBe('false');
      await page.keyboard.press('Escape');
    });

    it.each([
      [1920, 1080],
      [1280, 800],
      [1024, 768],
      [820, 1180],
      [500, 900],
    ])('fits a window of %i × %i, no reading cut short', async (width, height) => {
      await page.setViewportSize({ width, height });
      const { overflow, cut } = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        cut: [...document.querySelectorAll('.slow-control dd')]
          .filter((element) => element.scrollWidth > element.clientWidth)
          .map((element) => element.textContent),
      }));
      expect({ overflow, cut }).toEqual({ overflow: 0, cut: [] });
    });

    it('says that the line is cut, and goes on when it is mended', async () => {
      await page.setViewportSize({ width: 1280, height: 800 });
      port.cut();
      await soon('slow-control-bias').toBe('not connected');
      expect(await text('alarm-text')).toContain('does not answer');
      expect(await button('Bias on').isDisabled()).toBe(true);
      expect(await part('acknowledge').isVisible()).toBe(false);
      port.mend();
      await soon('slow-control-bias').toBe('off · 0.0 V');
    });

    it('is not there where no slow control is configured', async () => {
      const plain = await FlimdProcess.start(['serve', '--port', '0', '--camera', 'sim:width=16&height=16']);
      const other = await browser.newPage();
      try {
        await other.goto(plain.ready.url);
        await other.waitForFunction(() => document.documentElement.dataset.standing === 'live');
        expect(await other.getByTestId('slow-control').isVisible()).toBe(false);
        expect(await other.getByTestId('alarm-banner').isVisible()).toBe(false);
      } finally {
        await other.close();
        await plain.stop();
      }
    });

    it('gives the browser nothing to complain about', () => {
      // One request was refused, as the test wanted.
      expect(complaints.filter((each) => !each.includes('409'))).toEqual([]);
    });
  },
);
