import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { Acquisition } from '../../src/acquisition/acquisition.js';

it('answers whoever still waits for a camera when it is closed, and whoever comes later', async () => {
  // Takes connections and says nothing.
  const silent = createServer((socket) => void socket.on('error', () => {}));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const target = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const acquisition = await Acquisition.start();
  const connecting = acquisition.connect(target).catch((error: unknown) => error);
  await once(silent, 'connection');
  await acquisition.close();
  expect(await connecting).toMatchObject({ code: expect.stringMatching(/^FLIMD_E_(STATE|LINK_LOST)$/) });
  await expect(acquisition.connect(target)).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
});
