// Runs inside the guest: the built flimd against the BARs of two PCI devices, mapped through sysfs. Says what it saw
// in lines that begin with "FLIMD "; the test on the host judges. Arguments: NAME:VENDOR:DEVICE:RESOURCE of each device.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Camera } from '../../../dist/camera/camera.js';
import { DirectRegisters } from '../../../dist/camera/direct-registers.js';
import { openRegisterChannel } from '../../../dist/link/open.js';
import { DeviceCommand, DeviceOutput, register, registerBlocks } from '../../../dist/protocol/registers.js';
import { errorOf, say, until } from './telling.mjs';

const BUS = '/sys/bus/pci/devices';
const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const ACCESSES = 2000;
const MEMORY_BIT = 2;
const at = (name) => register(name).address;

const bars = process.argv.slice(2).map((text) => {
  const [name, vendor, device, resource] = text.split(':');
  return { name, ids: [vendor, device], resource, target: { kind: 'pcie', device: `/tmp/${name}/xdma0` } };
});

const idsOf = (slot) =>
  ['vendor', 'device'].map((id) => readFileSync(`${BUS}/${slot}/${id}`, 'utf8').trim().slice(2));

function folderOf({ ids }) {
  const slots = readdirSync(BUS).filter((slot) => idsOf(slot).join() === ids.join());
  if (slots.length !== 1) throw new Error(`${slots.length} devices ${ids.join(':')}`);
  return `${BUS}/${slots[0]}`;
}

/** The node of the registers is the BAR itself. */
function link(bar) {
  mkdirSync(`/tmp/${bar.name}`);
  symlinkSync(`${folderOf(bar)}/${bar.resource}`, `${bar.target.device}_user`);
}

/** Every register that can be read, with the words of one register in one access. */
async function readMap(bar) {
  const channel = await openRegisterChannel(bar.target, () => {});
  const map = {};
  for (const { registers } of registerBlocks) {
    for (const { name, address, words, access } of registers) {
      if (access !== 'wo') map[name] = [...(await channel.read(address, words))];
    }
  }
  await channel.close();
  return map;
}

async function describe(bar) {
  const camera = await Camera.open(bar.target);
  const { description } = camera;
  const diagnostics = await camera.readDiagnostics();
  await camera.close();
  say('described', { bar: bar.name, description, diagnostics });
  say('map', { bar: bar.name, map: await readMap(bar) });
}

/** A series; each state is waited for, since memory that two machines share takes a while to answer. */
async function series(bar) {
  const camera = await Camera.open(bar.target);
  const states = [];
  const reached = async (wanted) => {
    await until(async () => (await camera.readState()).state === wanted);
    states.push(wanted);
  };
  await camera.arm({ series: 7, output: DeviceOutput.lifetimes, frameLimit: 0, framePeriodUs: 10_000 });
  await reached('armed');
  await camera.start();
  await reached('acquiring');
  const counters = [await camera.readCounters()];
  for (let i = 0; i < 2; i++) {
    const { framesSent } = counters.at(-1);
    await until(async () => (await camera.readCounters()).framesSent > framesSent);
    counters.push(await camera.readCounters());
  }
  await camera.stop();
  await reached('idle');
  counters.push(await camera.readCounters());
  await camera.close();
  say('series', { bar: bar.name, states, counters, map: await readMap(bar) });
}

/** What needs a device that answers each access before the next: refusals, and the order of accesses. */
async function refusals(bar) {
  const registers = await DirectRegisters.open(bar.target, {});
  const write = (name, value) => registers.write(at(name), [value]);
  const facts = {
    readOnly: await errorOf(write('mapMagic', 1)),
    startOfIdle: await errorOf(write('command', DeviceCommand.start)),
    writeOnly: await errorOf(registers.read(at('command'), 1)),
    nowhere: await errorOf(registers.read(0xff0, 1)),
    after: [...(await registers.read(at('mapVersion'), 1))],
  };
  const inTurn = await Promise.all([
    write('series', 11),
    registers.read(at('series'), 1).then(([value]) => value),
    errorOf(write('mapMagic', 1)),
    write('series', 12),
    registers.read(at('series'), 1).then(([value]) => value),
  ]);
  await registers.close();
  say('refusals', { bar: bar.name, ...facts, inTurn });
}

/** The median of single accesses, µs. */
async function timing(bar) {
  const channel = await openRegisterChannel(bar.target, () => {});
  const registers = await DirectRegisters.open(bar.target, {});
  const median = async (access) => {
    const times = [];
    for (let i = 0; i < ACCESSES; i++) {
      const began = performance.now();
      await access();
      times.push(1000 * (performance.now() - began));
    }
    return Number(times.sort((a, b) => a - b)[ACCESSES / 2].toFixed(1));
  };
  const loadUs = await median(() => channel.read(at('width'), 1));
  const checkedReadUs = await median(() => registers.read(at('width'), 1));
  const checkedWriteUs = await median(() => registers.write(at('frameLimit'), [5]));
  await registers.close();
  await channel.close();
  say('timing', { bar: bar.name, loadUs, checkedReadUs, checkedWriteUs });
}

/** Errors of a camera while it is made to go, and of its registers after that. */
async function lossDuring(bar, go) {
  const camera = await Camera.open(bar.target);
  const told = [];
  camera.onLost = (error) => told.push({ code: error.code, message: error.message });
  go();
  await until(async () => (await errorOf(camera.readState())) !== null);
  const later = await errorOf(camera.readState());
  await camera.close();
  return { told, later };
}

async function serialNow(bar) {
  const camera = await Camera.open(bar.target);
  await camera.close();
  return camera.description.serial;
}

/** The host makes the device give all ones, until it hears of it. */
async function dropped(bar) {
  const loss = await lossDuring(bar, () => say('drop', { bar: bar.name }));
  const opening = await errorOf(Camera.open(bar.target));
  say('dropped', { bar: bar.name, ...loss, opening });
  await until(async () => (await errorOf(Camera.open(bar.target))) === null);
  say('restored', { bar: bar.name, serial: await serialNow(bar) });
}

/** The kernel takes the device away under the mapping, and finds it again. */
async function removed(bar) {
  const camera = await Camera.open(bar.target);
  writeFileSync(`${folderOf(bar)}/remove`, '1');
  const reading = await errorOf(camera.readState());
  await camera.close();
  const opening = await errorOf(Camera.open(bar.target));
  writeFileSync('/sys/bus/pci/rescan', '1');
  say('removed', { bar: bar.name, reading, opening, serial: await serialNow(bar) });
}

/** The device is on the bus, and does not answer for its memory. */
async function disabled(bar) {
  const config = `${folderOf(bar)}/config`;
  const command = readFileSync(config)[4];
  const setCommand = (value) =>
    execFileSync('dd', [`of=${config}`, 'bs=1', 'seek=4', 'conv=notrunc'], {
      input: Buffer.of(value),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  setCommand(command & ~MEMORY_BIT);
  const channel = await openRegisterChannel(bar.target, () => {});
  const [word] = await channel.read(at('mapMagic'), 1);
  await channel.close();
  const opening = await errorOf(Camera.open(bar.target));
  setCommand(command);
  say('disabled', { bar: bar.name, word, opening, serial: await serialNow(bar) });
}

for (const bar of bars) {
  link(bar);
  await describe(bar);
  await timing(bar);
  if (bar.name === 'proxied') await refusals(bar);
  await series(bar);
  await disabled(bar);
  await dropped(bar);
  await removed(bar);
}
say('devices', {
  found: JSON.parse(execFileSync(process.execPath, [main, 'devices', '--json'], { encoding: 'utf8' })),
});
say('done', {});
process.exit(0);
