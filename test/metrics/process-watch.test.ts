import { expect, it, onTestFinished } from 'vitest';
import { ProcessWatch } from '../../src/metrics/index.js';
import { until } from '../links/serial-fixture.js';

const BLOCK_MS = 150;

function block(): void {
  for (const end = performance.now() + BLOCK_MS; performance.now() < end;);
}

it('tells how late the event loop was, of the last whole window', async () => {
  const watch = new ProcessWatch(300);
  onTestFinished(() => watch.close());
  expect(watch.figures.loopDelaySeconds).toBeNull();
  // The histogram counts from the first look on.
  await new Promise((resolve) => setTimeout(resolve, 30));
  block();
  const { loopDelaySeconds } = await until(
    () => watch.figures,
    ({ loopDelaySeconds }) => loopDelaySeconds !== null,
  );
  const { p50, p99, max } = loopDelaySeconds!;
  expect(max).toBeGreaterThan((BLOCK_MS - 20) / 1000);
  expect(p50).toBeLessThanOrEqual(p99);
  expect(p99).toBeLessThanOrEqual(max);
});

it('knows the memory and the CPU time of the process', () => {
  const watch = new ProcessWatch();
  onTestFinished(() => watch.close());
  const before = watch.figures;
  block();
  const after = watch.figures;
  expect(after.residentBytes).toBeGreaterThan(after.heapUsedBytes);
  expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThan(0);
});
