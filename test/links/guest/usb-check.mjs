// Runs inside the guest: the built flimd against a real kernel, usbfs and libusb. Says what it saw in lines that
// begin with "FLIMD "; the test on the host judges. Arguments: SPEED:PORT:SERIAL of each exported camera.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { getDeviceList, usb } from 'usb';
import WebSocket from 'ws';
import { PacketDecoder } from '../../../dist/acquisition/packet-decoder.js';
import { FlimdClient } from '../../../dist/client/index.js';
import { discoverDevices } from '../../../dist/link/discovery.js';
import {
  openDataChannel,
  openEventChannel,
  openInjectionChannel,
  openRegisterChannel,
} from '../../../dist/link/open.js';
import { PacketType } from '../../../dist/protocol/packet.js';
import { DeviceCommand, DeviceOutput, register } from '../../../dist/protocol/registers.js';
import { USB_PRODUCT_ID, USB_VENDOR_ID } from '../../../dist/protocol/usb.js';
import { errorOf, say, until } from './telling.mjs';
import { attach, attachedPorts, inChroot, settle, unplugAll } from './usb-cable.mjs';

const HOST = '10.0.2.2';
const NOBODY = 65534;
const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const rules = path.resolve(import.meta.dirname, '../../../packaging/udev/70-flimd.rules');
const cameras = process.argv.slice(2).map((text) => {
  const [speed, port, serial] = text.split(':');
  return { speed, port, serial, uri: `usb:serial=${serial}` };
});

const isCamera = ({ deviceDescriptor: d }) => d.idVendor === USB_VENDOR_ID && d.idProduct === USB_PRODUCT_ID;

/** Plugs the camera in, and tells how long until libusb had announced it. */
async function plugIn({ port }) {
  const attached = new Promise((resolve) => {
    const onAttach = (device) => {
      if (!isCamera(device)) return;
      usb.off('attach', onAttach);
      resolve(device);
    };
    usb.on('attach', onAttach);
  });
  attach(HOST, port);
  const device = await attached;
  settle();
  return device;
}

async function registers({ speed, serial }) {
  const target = { kind: 'usb', vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID, serial };
  const channel = await openRegisterChannel(target, () => {});
  const identity = await channel.read(0x000, 13);
  await channel.write(0x108, [77]);
  const [series] = await channel.read(0x108, 1);
  const refused = {
    write: await errorOf(channel.write(0x000, [1])),
    address: await errorOf(channel.read(0x7f0, 1)),
  };
  await channel.close();
  say('registers', { speed, identity: [...identity], series, refused });
}

/** One user of an interface leaves while the next one comes: what that one has claimed stays. */
async function handover({ speed, serial }) {
  const target = { kind: 'usb', vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID, serial };
  const lost = [];
  const onLost = (error) => lost.push(error.message);
  for (let i = 0; i < 10; i++) {
    const leaving = (await openRegisterChannel(target, onLost)).close();
    const registers = await openRegisterChannel(target, onLost);
    let tell;
    const told = new Promise((resolve) => (tell = resolve));
    const events = await openEventChannel(target, async () => tell(), onLost);
    await told;
    await registers.read(0x000, 1);
    await Promise.all([leaving, events.close(), registers.close()]);
  }
  say('handover', { speed, lost });
}

/** Frames that the host sends come back as the camera's histograms; events tell of the states in between. */
async function injection({ speed, serial }) {
  const target = { kind: 'usb', vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID, serial };
  const lost = [];
  const onLost = (error) => lost.push(error.message);
  const registers = await openRegisterChannel(target, onLost);
  const write = (name, ...values) => registers.write(register(name).address, values);
  let events = 0;
  const listening = await openEventChannel(target, async () => void events++, onLost);
  const histograms = [];
  let ended;
  const end = new Promise((resolve) => (ended = resolve));
  const decoder = new PacketDecoder({
    onPacket: ({ type }, payload) => {
      if (type === PacketType.histograms) histograms.push(Buffer.from(payload));
      if (type === PacketType.endOfSeries) ended();
    },
  });
  const data = await openDataChannel(target, new Uint8Array(), decoder, onLost);
  const injector = await openInjectionChannel(target);
  const [width, height, bins] = await registers.read(register('width').address, 3);
  const frame = Uint16Array.from({ length: width * height * bins }, (_, i) => i % 60000);
  const bytes = new Uint8Array(frame.buffer);
  const refused = await errorOf(injector.write(bytes));
  await write('histogramSource', 1);
  await write('output', DeviceOutput.histograms);
  await write('series', 6);
  await write('frameLimit', 2);
  await write('command', DeviceCommand.arm);
  await write('command', DeviceCommand.start);
  await injector.write(bytes);
  await injector.write(bytes);
  await end;
  const received = Buffer.concat(histograms);
  const same = received.equals(Buffer.concat([bytes, bytes]));
  const [errorFlags] = await registers.read(register('errorFlags').address, 1);
  await write('histogramSource', 0);
  for (const channel of [injector, data, listening, registers]) await channel.close();
  say('injected', { speed, refused, same, bytes: received.length, errorFlags, events, lost });
}

/** `flimd ARGS`: what it printed. */
async function run(args, options = {}) {
  const child = spawn(process.execPath, [main, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => (out[name] += text));
  const [status] = await once(child, 'close');
  return { status, ...out };
}

/** What of the proof of a camera this link alone can show; free-running series would drown an emulated processor. */
async function validation({ speed, uri }) {
  const only = ['--only', 'identity', 'model', 'registers', 'injected-frames'];
  const { status, stdout, stderr } = await run([
    'validate',
    '--camera',
    uri,
    '--frames',
    '18',
    '--json',
    ...only,
  ]);
  say('validated', { speed, status, report: stdout === '' ? { failure: stderr } : JSON.parse(stdout) });
}

const hashOf = ({ planes }) => {
  const hash = createHash('sha256');
  for (const name of ['meanLifetimeAmplitude', 'meanLifetimeIntensity', 'photons']) {
    const plane = planes[name];
    hash.update(new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength));
  }
  return hash.digest('hex');
};

async function startDaemon(uri) {
  const args = ['serve', '--camera', uri, '--port', '0', '--no-start', '--json', '--log-level', 'info'];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url } = JSON.parse(line);
  const client = FlimdClient.connect({ url, webSocket: WebSocket });
  await client.once('status');
  const arm = async (options) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(options);
    const answer = await fetch(`${url}/api/v1/arm`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const stop = async () => {
    client.close();
    child.kill('SIGTERM');
    const [status] = await once(child, 'exit');
    return status;
  };
  return { client, arm, stop };
}

/** A whole series through the daemon, then one whose camera is pulled out in mid-frame and plugged in again. */
async function series(camera) {
  const { client, arm, stop } = await startDaemon(camera.uri);
  const inUse = ofUsb(await discoverDevices()).find(({ serial }) => serial === camera.serial);
  const frames = [];
  client.on('frame', (frame) => {
    frames.push({ series: frame.series, frame: frame.frame, complete: frame.complete, hash: hashOf(frame) });
  });
  await arm({ frameLimit: 8 });
  const ended = client.once('end');
  await client.start();
  const end = await ended;
  say('frames', { speed: camera.speed, frames, end, inUse });

  frames.length = 0;
  await arm({ frameLimit: 0 });
  await client.start();
  await until(() => frames.length >= 3);
  const lost = client.once('end');
  say('pull', { speed: camera.speed });
  const lostEnd = await lost;
  const state = (await client.status()).state;
  say('unplugged', { speed: camera.speed, frames: [...frames], end: lostEnd, state });

  const before = frames.length;
  const pluggedAt = performance.now();
  await plugIn(camera);
  await until(() => frames.length >= before + 2);
  const again = frames.slice(before);
  say('replugged', { speed: camera.speed, frames: again, lostSeries: lostEnd.series });
  say('timing', { speed: camera.speed, replugToFramesMs: Math.round(performance.now() - pluggedAt) });
  say('stopped', { speed: camera.speed, status: await stop() });
}

/** The guest has serial ports too. */
const ofUsb = (found) => found.filter(({ link }) => link === 'usb');

/** What an ordinary user sees, without the shipped udev rule and, in its group, with it. */
async function ordinaryUser(camera) {
  const list = async (gid) => {
    const user = { uid: NOBODY, gid, env: { PATH: process.env.PATH, HOME: '/tmp' } };
    return ofUsb(JSON.parse((await run(['devices', '--json'], user)).stdout));
  };
  const without = await list(NOBODY);
  mkdirSync('/run/udev/rules.d', { recursive: true });
  copyFileSync(rules, '/run/udev/rules.d/70-flimd.rules');
  execFileSync('udevadm', ['control', '--reload'], inChroot);
  unplugAll();
  await plugIn(camera);
  const plugdev = /^plugdev:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))[1];
  say('ordinaryUser', { speed: camera.speed, without, with: await list(Number(plugdev)) });
}

for (const camera of cameras) {
  const device = await plugIn(camera);
  const { deviceDescriptor: d, busNumber, deviceAddress } = device;
  const found = ofUsb(await discoverDevices());
  const speed = execFileSync('sh', ['-c', 'cat /sys/bus/usb/devices/*/speed /dev/null'], {
    encoding: 'utf8',
  });
  say('enumerated', {
    speed: camera.speed,
    usb: d.bcdUSB,
    found,
    busNumber,
    deviceAddress,
    kernelSpeeds: speed.trim().split('\n'),
  });
  await registers(camera);
  await handover(camera);
  await injection(camera);
  if (camera === cameras[0]) await ordinaryUser(camera);
  else await validation(camera);
  await series(camera);
  const detached = once(usb, 'detach');
  unplugAll();
  await detached;
  say('detached', { speed: camera.speed, left: getDeviceList().filter(isCamera).length });
}

for (const camera of cameras) await plugIn(camera);
say('both', {
  found: ofUsb(await discoverDevices()),
  none: await errorOf(
    openRegisterChannel(
      { kind: 'usb', vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID, serial: null },
      () => {},
    ),
  ),
});
unplugAll();
say('done', {});
process.exit(0);
