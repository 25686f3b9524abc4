// docs/slow-control.md: its tables come from src/protocol/slow-control.ts.
import { table } from './markdown.mjs';

const hex = (value) => `0x${value.toString(16).padStart(2, '0')}`;
const code = (text) => `\`${text}\``;

export function slowControlBlocks(protocol) {
  return {
    operations: operations(protocol),
    results: results(protocol),
    channels: channels(protocol),
    'bias-states': biasStates(protocol),
    commands: commands(protocol),
    alarms: alarms(protocol),
    'host-alarms': hostAlarms(protocol),
  };
}

function operations({ slowControlOperations, SlowControlOperation }) {
  return table(
    ['operation', 'name', 'body of the request', 'body of the answer, behind its result'],
    slowControlOperations.map(({ name, request, answer }) => [
      SlowControlOperation[name],
      code(name),
      request,
      answer,
    ]),
  );
}

function results({ SlowControlResult, slowControlResultMeanings }) {
  return table(
    ['result', 'name', 'meaning'],
    Object.entries(SlowControlResult).map(([name, value]) => [
      value,
      code(name),
      slowControlResultMeanings[name],
    ]),
  );
}

function channels({ slowControlChannels }) {
  return table(
    ['channel', 'name', 'access', 'unit', 'meaning'],
    slowControlChannels.map(({ id, name, access, unit, meaning }) => [
      hex(id),
      code(name),
      access,
      unit,
      meaning,
    ]),
  );
}

function biasStates({ biasStates: names }) {
  return table(
    ['value', '`biasState`'],
    names.map((name, value) => [value, code(name)]),
  );
}

function commands({ SlowControlCommand, slowControlCommandMeanings }) {
  return table(
    ['command', 'name', 'meaning'],
    Object.entries(SlowControlCommand).map(([name, value]) => [
      value,
      code(name),
      slowControlCommandMeanings[name],
    ]),
  );
}

function alarms({ slowControlAlarms }) {
  return table(
    ['bit', 'alarm', 'meaning', 'the bias is'],
    slowControlAlarms.map(({ name, meaning, bias }, bit) => [bit, code(name), meaning, bias]),
  );
}

function hostAlarms({ hostAlarms: listed }) {
  return table(
    ['alarm', 'meaning', 'the bias is'],
    listed.map(({ name, meaning, bias }) => [code(name), meaning, bias]),
  );
}
