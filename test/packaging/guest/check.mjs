// Runs in a clean Debian as a service beside flimd.service. Says what it saw in lines that begin with "FLIMD "; the test
// on the host judges.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import {
  cameraNode,
  daemonStatus,
  inState,
  journal,
  outcome,
  plugIn,
  procStatus,
  run,
  service,
  unplug,
  until,
  URL_OF_SERVICE,
} from './system.mjs';

const port = readFileSync('/opt/check/port', 'utf8');
const say = (what, facts) =>
  console.log(`FLIMD ${JSON.stringify({ what, atS: Math.round(performance.now() / 1000), ...facts })}`);
const mainPid = () => service('MainPID').MainPID;

/** A shorter wait than that of the package, or this would take minutes; from the next start on. */
function hurry() {
  mkdirSync('/run/systemd/system/flimd.service.d', { recursive: true });
  writeFileSync('/run/systemd/system/flimd.service.d/hurry.conf', '[Service]\nWatchdogSec=8s\n');
  run('systemctl', 'daemon-reload');
}

async function installed() {
  const booted = service('UnitFileState', 'FragmentPath', 'WatchdogUSec', 'Type', 'Result');
  const version = run('flimd', '--version');
  const verify = outcome('systemd-analyze', 'verify', '--man=no', 'flimd.service');
  const exposure = run('systemd-analyze', 'security', '--no-pager', 'flimd.service').split('\n').at(-1);
  say('installed', {
    booted,
    version,
    verify,
    exposure,
    systemd: run('systemctl', '--version').split('\n')[0],
  });
}

/** The service starts after this one: does it say to be active before it serves? */
async function readiness() {
  const seen = [];
  await until(() => {
    const { ActiveState } = service('ActiveState');
    if (seen.at(-1) !== ActiveState) seen.push(ActiveState);
    return ['active', 'failed'].includes(ActiveState);
  });
  const status = await daemonStatus();
  const { StatusText } = service('StatusText');
  const pid = mainPid();
  const { Uid, Gid } = procStatus(pid);
  const ids = {
    user: run('id', '-u', 'flimd'),
    group: run('id', '-g', 'flimd'),
    names: run('id', '-nG', 'flimd'),
  };
  const state = statSync('/var/lib/flimd');
  say('ready', {
    seen,
    status,
    StatusText,
    Uid,
    Gid,
    ids,
    state: { mode: state.mode & 0o777, uid: state.uid },
  });
}

/** Programs in the sandbox of the unit that was shipped: only what it runs is another. */
async function sandbox() {
  const nodes = { 189: 'usb', 188: 'ttyUSB', 166: 'ttyACM', 204: 'ttyAMA', 99: 'other' };
  for (const [major, name] of Object.entries(nodes)) {
    run('mknod', '--mode=666', `/dev/probe-${name}`, 'c', major, '60');
  }
  const devices = [...Object.values(nodes).map((name) => `/dev/probe-${name}`), '/dev/ttyS1', '/dev/vda'];
  const unit = readFileSync('/usr/lib/systemd/system/flimd.service', 'utf8')
    .replace(/^ExecStart=.*$/m, `ExecStart=/usr/bin/node /run/check/probe.mjs ${devices.join(' ')}`)
    .replace(/^Type=.*$/m, 'Type=oneshot\nStandardOutput=file:/run/check/probe.json')
    .replace(/^(WatchdogSec|Restart)=.*$/gm, '');
  mkdirSync('/run/check', { recursive: true });
  writeFileSync('/run/check/probe.mjs', readFileSync('/opt/check/probe.mjs'));
  writeFileSync('/run/systemd/system/probe.service', unit);
  writeFileSync('/etc/flimd/flimd.env', 'FLIMD_TOKEN=0123456789abcdef\n', { mode: 0o600 });
  run('systemctl', 'daemon-reload');
  const { status, output } = outcome('systemctl', 'start', 'probe');
  run('rm', '/etc/flimd/flimd.env', '/var/lib/flimd/probe');
  const probe =
    status === 0
      ? JSON.parse(readFileSync('/run/check/probe.json', 'utf8'))
      : output + journal('-u', 'probe');
  say('sandbox', { probe, ttyS1: run('stat', '-c', '%t %G %a', '/dev/ttyS1') });
}

/** A client of the service, as any program has it. */
async function connected() {
  const { FlimdClient } = await import('/usr/lib/flimd/dist/client/index.js');
  const { default: WebSocket } = await import('/usr/lib/flimd/node_modules/ws/wrapper.mjs');
  return FlimdClient.connect({ url: URL_OF_SERVICE, webSocket: WebSocket });
}

async function oneFrame() {
  const client = await connected();
  const { series, frame, complete, planes } = await client.once('frame');
  client.close();
  return { series, frame, complete, pixels: planes.photons.length };
}

async function camera() {
  plugIn(port);
  await inState('acquiring');
  const frame = await oneFrame();
  const status = await daemonStatus();
  await until(() => service('StatusText').StatusText.startsWith('acquiring'));
  const node = run('stat', '-c', '%a %G', cameraNode());
  say('camera', { frame, camera: status.camera, node, StatusText: service('StatusText').StatusText });
}

/** A recording of the series under way, in the service's own folder. */
async function recording() {
  const client = await connected();
  const { directory } = await client.startRecording({ name: 'check', frames: 3 });
  await until(async () => (await client.recording()).last !== null);
  client.close();
  const file = `${directory}/check.h5`;
  const { mode, size } = statSync(file);
  const { frames, end } = JSON.parse(run('flimd', 'inspect', file, '--json'));
  say('recorded', { file, mode: mode & 0o777, size, frames, end });
}

/** Waits for the restart after `hurt`, and tells what systemd says of the end. */
async function restartAfter(what, hurt) {
  const pid = mainPid();
  const since = run('date', '+%Y-%m-%d %H:%M:%S');
  const before = performance.now();
  const facts = await hurt(pid);
  await until(() => !['0', pid].includes(mainPid()));
  const tookS = (performance.now() - before) / 1000;
  await until(() => service('ActiveState').ActiveState === 'active');
  const log = journal('--since', since, '-u', 'flimd')
    .split('\n')
    .filter((line) => /watchdog/i.test(line));
  say(what, { tookS, NRestarts: service('NRestarts').NRestarts, log, ...facts });
}

async function stoppedProgram() {
  hurry();
  await restartAfter('stopped program', (pid) => void process.kill(Number(pid), 'SIGSTOP'));
  await inState('acquiring');
  say('camera again', { frame: await oneFrame() });
}

/** How often each thread but the first has gone to sleep. */
function sleeps(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== pid);
  return new Map(
    threads.map((thread) => [thread, Number(procStatus(`${pid}/task/${thread}`).voluntary_ctxt_switches)]),
  );
}

/** Without a camera it is the one thread that wakes up all the time, every 20 ms. */
async function acquisitionThread(pid) {
  const before = sleeps(pid);
  await pause(2000);
  const rates = [...sleeps(pid)].map(([thread, count]) => [thread, count - (before.get(thread) ?? count)]);
  return rates.sort((a, b) => b[1] - a[1]);
}

async function heldThread() {
  unplug();
  await inState('disconnected');
  await restartAfter('held thread', async (pid) => {
    const [[thread, wakes], [, next]] = await acquisitionThread(pid);
    const holder = spawn('/opt/check/hold-thread', [thread], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface(holder.stdout), 'line');
    const stillAnswers = (await daemonStatus())?.state.name;
    return { wakes, next, stillAnswers };
  });
}

async function upgrade() {
  plugIn(port);
  await inState('acquiring');
  appendFileSync('/etc/flimd/config.yaml', '# a line of the administrator\n');
  const pid = mainPid();
  const { status, output } = outcome('dpkg', '-i', '/opt/check/next.deb');
  await until(() => service('ActiveState').ActiveState === 'active' && mainPid() !== pid);
  await inState('acquiring');
  const version = run('dpkg-query', '-W', '-f', '${Version} ${Status}', 'flimd');
  const kept = readFileSync('/etc/flimd/config.yaml', 'utf8').endsWith('# a line of the administrator\n');
  say('upgraded', { status, output, version, kept, enabled: service('UnitFileState').UnitFileState });
}

async function stop() {
  const before = performance.now();
  run('systemctl', 'stop', 'flimd');
  const tookS = (performance.now() - before) / 1000;
  const end = service('ExecMainStatus', 'ExecMainCode', 'Result', 'ActiveState');
  say('stopped', { tookS, ...end, log: journal('-u', 'flimd', '-n', '8') });
}

async function purge() {
  unplug();
  run('rm', '-r', '/run/systemd/system/flimd.service.d', '/root/flimd.deb');
  const { status, output } = outcome('dpkg', '--purge', 'flimd');
  const left = run(
    'find',
    '/',
    '-xdev',
    '-name',
    '*flimd*',
    '-not',
    '-path',
    '/proc/*',
    '-not',
    '-path',
    '/sys/*',
  );
  const runtime = run('find', '/run', '-name', '*flimd*');
  say('purged', {
    status,
    output,
    left: `${left}\n${runtime}`.split('\n').filter((line) => line !== ''),
    user: outcome('id', 'flimd').status,
    LoadState: service('LoadState').LoadState,
  });
}

try {
  for (const step of [readiness, installed, sandbox, camera, recording, stoppedProgram, heldThread])
    await step();
  for (const step of [upgrade, stop, purge]) await step();
  say('done', {});
} catch (error) {
  console.log(`check: ${error.stack}\n${error.stderr ?? ''}`);
  console.log(outcome('journalctl', '--no-pager', '-n', '60').output);
  // What is still in the buffer of the serial port goes with the machine.
  await pause(2000);
}
