import { HistogramSource, register } from '../protocol/registers.js';
import type { CameraUnderTest } from './camera-under-test.js';
import { refuses } from './refusals.js';

/** Whether an idle camera lets itself be set to injected histograms; it measures with its sensor afterwards. */
export async function canInject({
  camera: { registers },
}: Pick<CameraUnderTest, 'camera'>): Promise<boolean> {
  const { address } = register('histogramSource');
  const refused = await refuses(registers.write(address, [HistogramSource.injected]));
  await registers.write(address, [HistogramSource.sensor]);
  return !refused;
}
