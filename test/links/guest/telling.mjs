// What the scripts in a guest share: how they speak to the test on the host, which judges.
import { setTimeout as pause } from 'node:timers/promises';

export const say = (what, facts) =>
  console.log(`FLIMD ${JSON.stringify({ what, atS: Math.round(performance.now() / 1000), ...facts })}`);

export async function until(condition) {
  while (!(await condition())) await pause(20);
}

export async function errorOf(work) {
  try {
    await work;
    return null;
  } catch (error) {
    return { code: error.code, message: error.message };
  }
}
