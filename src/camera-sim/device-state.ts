import { DeviceCommand, type DeviceState } from '../protocol/index.js';
import { Refusal } from './register-file.js';

/** The states this device gets into; it has no way to fail, so never `error`. */
export type StateName = Exclude<keyof typeof DeviceState, 'error'>;
export type CommandName = keyof typeof DeviceCommand;

/**
 * Which command leads where. `stop` and `abort` are no fault where nothing runs: a host may send them while
 * the last frame of a limited series ends by itself.
 */
const transitions: Record<StateName, Partial<Record<CommandName, StateName>>> = {
  idle: { arm: 'armed', stop: 'idle', abort: 'idle', disarm: 'idle' },
  armed: { start: 'acquiring', abort: 'idle', disarm: 'idle' },
  acquiring: { stop: 'draining', abort: 'draining' },
  draining: { stop: 'draining', abort: 'draining' },
};

export function commandName(value: number): CommandName {
  const name = (Object.keys(DeviceCommand) as CommandName[]).find((each) => DeviceCommand[each] === value);
  if (!name) throw new Refusal(`there is no command ${value}`);
  return name;
}

/** The state that `command` leads to from `state`; a Refusal where it is not possible. */
export function nextState(state: StateName, command: CommandName): StateName {
  const next = transitions[state][command];
  if (next) return next;
  const possible = Object.keys(transitions[state]).join(', ');
  throw new Refusal(`${command} is not possible while ${state}; possible: ${possible}`);
}
