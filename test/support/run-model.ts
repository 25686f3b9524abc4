import { vi } from 'vitest';
import { modelCommand } from '../../src/cli/model.js';

/** Runs `flimd model …` in this process; what it wrote to standard output. */
export async function model(...args: string[]): Promise<string> {
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  try {
    await modelCommand().exitOverride().parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return output;
}
