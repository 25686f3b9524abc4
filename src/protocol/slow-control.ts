/**
 * The slow-control protocol: what a camera tells and takes on a serial line beside its data link (bias, temperatures,
 * cooler, laser, alarms). Written once here; docs/slow-control.md is generated from it.
 */
export const SLOW_CONTROL_VERSION = 1;
/** 8 data bits, no parity, 1 stop bit, no flow control. */
export const SLOW_CONTROL_BAUD = 115_200;

export const SlowControlOperation = { identify: 1, limits: 2, read: 3, write: 4, command: 5 } as const;
export type SlowControlOperationName = keyof typeof SlowControlOperation;

/** Set in the operation byte of an answer. */
export const SLOW_CONTROL_ANSWER = 0x80;

export interface SlowControlOperationDescription {
  name: SlowControlOperationName;
  request: string;
  answer: string;
}

export const slowControlOperations: readonly SlowControlOperationDescription[] = [
  {
    name: 'identify',
    request: 'nothing',
    answer: 'u8 length and text: serial number, the same as the camera’s; u8 length and text: firmware',
  },
  { name: 'limits', request: 'u8 channel', answer: 'u8 channel, i32 least, i32 most' },
  { name: 'read', request: 'u8 channel, any number of times', answer: 'u8 channel, i32 value, as often' },
  { name: 'write', request: 'u8 channel, i32 value', answer: 'u8 channel, i32 value now in force' },
  { name: 'command', request: 'u8 command', answer: 'nothing' },
];

/** First byte of the body of every answer; anything but `ok` ends the body. */
export const SlowControlResult = {
  ok: 0,
  malformed: 1,
  unknownOperation: 2,
  unknownChannel: 3,
  readOnly: 4,
  outOfLimits: 5,
  unknownCommand: 6,
  alarmLatched: 7,
} as const;
export type SlowControlResultName = keyof typeof SlowControlResult;

export const slowControlResultMeanings: Readonly<Record<SlowControlResultName, string>> = {
  ok: 'done',
  malformed: 'the body is too short or too long for the operation',
  unknownOperation: 'this firmware has no such operation',
  unknownChannel: 'this camera has no such channel',
  readOnly: 'the channel is measured and cannot be set',
  outOfLimits: 'the value is outside the limits of the channel; the old one stays in force',
  unknownCommand: 'this firmware has no such command',
  alarmLatched: 'the bias stays off until the alarm is acknowledged',
};

/** `name` has the unit; numbers are i32 on the wire. */
export const slowControlChannels = [
  { id: 0x01, name: 'sensorBiasMv', access: 'ro', unit: 'mV', meaning: 'bias on the sensor, measured' },
  {
    id: 0x02,
    name: 'excessVoltageMv',
    access: 'ro',
    unit: 'mV',
    meaning: 'bias beyond breakdown at the present temperature; negative below breakdown',
  },
  { id: 0x03, name: 'biasCurrentUa', access: 'ro', unit: 'µA', meaning: 'current of the bias supply' },
  { id: 0x04, name: 'biasState', access: 'ro', unit: '', meaning: 'state of the bias supply, see below' },
  { id: 0x05, name: 'sensorTemperatureMc', access: 'ro', unit: 'm°C', meaning: 'sensor' },
  { id: 0x06, name: 'heatsinkTemperatureMc', access: 'ro', unit: 'm°C', meaning: 'heat sink of the cooler' },
  { id: 0x07, name: 'coolerPowerMw', access: 'ro', unit: 'mW', meaning: 'electrical power of the cooler' },
  {
    id: 0x08,
    name: 'laserSyncHz',
    access: 'ro',
    unit: 'Hz',
    meaning: 'frequency of the laser’s sync signal; 0 = none',
  },
  { id: 0x09, name: 'alarms', access: 'ro', unit: '', meaning: 'latched alarms, one bit each, see below' },
  {
    id: 0x10,
    name: 'excessVoltageSetpointMv',
    access: 'rw',
    unit: 'mV',
    meaning: 'excess voltage while the bias is on; a change then is ramped',
  },
  { id: 0x11, name: 'biasRampMvPerS', access: 'rw', unit: 'mV/s', meaning: 'rate of bias ramps' },
  {
    id: 0x12,
    name: 'coolerSetpointMc',
    access: 'rw',
    unit: 'm°C',
    meaning: 'sensor temperature that the cooler holds',
  },
  {
    id: 0x13,
    name: 'gateDelayPs',
    access: 'rw',
    unit: 'ps',
    meaning: 'from the laser’s sync to the first time bin',
  },
  {
    id: 0x14,
    name: 'hostTimeoutMs',
    access: 'rw',
    unit: 'ms',
    meaning:
      'with the bias up and no sound request for this long the camera takes it down by itself (alarm `hostSilent`); 0 = never',
  },
] as const satisfies readonly {
  id: number;
  name: string;
  access: 'ro' | 'rw';
  unit: string;
  meaning: string;
}[];

export type SlowControlChannel = (typeof slowControlChannels)[number];
export type SlowControlName = SlowControlChannel['name'];
export type SlowControlSetpoint = Extract<SlowControlChannel, { access: 'rw' }>['name'];
/** What a user may set; `hostTimeoutMs` is the daemon's own. */
export type SlowControlChange = Partial<Record<Exclude<SlowControlSetpoint, 'hostTimeoutMs'>, number>>;
export type SlowControlValues = Record<SlowControlName, number>;
export type SlowControlLimits = Record<SlowControlSetpoint, [least: number, most: number]>;

export const slowControlSetpoints = slowControlChannels
  .filter(({ access }) => access === 'rw')
  .map(({ name }) => name as SlowControlSetpoint);

const channelsByName = new Map(slowControlChannels.map((channel) => [channel.name as string, channel]));
const channelsById = new Map(slowControlChannels.map((channel) => [channel.id as number, channel]));

export const slowControlChannelNamed = (name: SlowControlName): SlowControlChannel =>
  channelsByName.get(name)!;
export const slowControlChannelOf = (id: number): SlowControlChannel | undefined => channelsById.get(id);

/** Values of the channel `biasState`, in order. */
export const biasStates = ['off', 'rampingUp', 'on', 'rampingDown'] as const;
export type BiasState = (typeof biasStates)[number];

/** Bits of the channel `alarms`, lowest first. */
export const slowControlAlarms = [
  {
    name: 'overTemperature',
    bias: 'ramped down by the host',
    meaning: 'sensor or heat sink is too warm',
  },
  {
    name: 'overCurrent',
    bias: 'cut by the camera',
    meaning: 'the sensor draws more than the bias supply may give: too much light, or a fault',
  },
  {
    name: 'laserSyncLost',
    bias: 'ramped down by the host',
    meaning: 'no sync signal from the laser while the bias is up',
  },
  { name: 'interlock', bias: 'cut by the camera', meaning: 'the interlock is open' },
  {
    name: 'hostSilent',
    bias: 'ramped down by the camera',
    meaning: 'no sound request for `hostTimeoutMs` while the bias was up',
  },
] as const;
export type SlowControlAlarm = (typeof slowControlAlarms)[number]['name'];

/** Alarms that the host raises by itself. */
export const hostAlarms = [
  {
    name: 'slowControlLost',
    bias: 'ramped down by the camera, after `hostTimeoutMs`',
    meaning: 'the slow control no longer answers, and the bias was up',
  },
  {
    name: 'biasRampStalled',
    bias: 'cut by the host',
    meaning: 'a ramp of the bias takes much longer than its rate says',
  },
  {
    name: 'biasOvershoot',
    bias: 'cut by the host',
    meaning: 'the excess voltage is well beyond its set-point',
  },
] as const;
export type HostAlarm = (typeof hostAlarms)[number]['name'];

/** Where one of these is raised the bias does not wait for a ramp. */
export const cuttingAlarms: ReadonlySet<string> = new Set<SlowControlAlarm | HostAlarm>([
  'overCurrent',
  'interlock',
  'biasRampStalled',
  'biasOvershoot',
]);

/** Names of the alarms that are set; one that a newer camera has and this flimd does not know is an alarm too. */
export function alarmsOf(bits: number): string[] {
  const set = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (bits >>> bit) & 1);
  return set.map((bit) => slowControlAlarms[bit]?.name ?? `alarm${bit}`);
}

export function alarmBit(name: SlowControlAlarm): number {
  return 1 << slowControlAlarms.findIndex((alarm) => alarm.name === name);
}

export const SlowControlCommand = { biasOn: 1, biasOff: 2, biasCut: 3, acknowledge: 4 } as const;
export type SlowControlCommandName = keyof typeof SlowControlCommand;

export const slowControlCommandMeanings: Readonly<Record<SlowControlCommandName, string>> = {
  biasOn: 'ramp the bias up to the excess voltage of the set-point; refused while an alarm is latched',
  biasOff: 'ramp the bias down to 0',
  biasCut: 'take the bias off at once, without a ramp',
  acknowledge: 'clear the latched alarms whose cause is gone',
};

export const I32_LEAST = -0x8000_0000;
export const I32_MOST = 0x7fff_ffff;
