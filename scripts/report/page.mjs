// docs/compression.md and its charts, made from the figures of the study alone.
import { limitChart, parametersChart } from './charts-accuracy.mjs';
import { monoChart, uncertaintyChart } from './charts-certainty.mjs';
import { classicalChart } from './charts-classical.mjs';
import { bitsChart, lossChart } from './charts-quantization.mjs';
import { paragraphs } from './format.mjs';
import { renderSvg } from './render.mjs';
import { accuracySection, sizesSection } from './sections/accuracy.mjs';
import { monoSection, uncertaintySection } from './sections/certainty.mjs';
import { classicalSection, recordingsSection } from './sections/comparison.mjs';
import { introSection, targetsSection } from './sections/intro.mjs';
import { outputsSection } from './sections/outputs.mjs';
import { summarySection } from './sections/summary.mjs';
import { distillationSection, quantizationSection } from './sections/techniques.mjs';
import { againSection, trainingSection } from './sections/training.mjs';

export const PAGE = 'compression.md';
export const CHART_FOLDER = 'compression';

const charts = {
  'rmse-over-limit': limitChart,
  'rmse-against-parameters': parametersChart,
  'rmse-against-bits': bitsChart,
  classical: classicalChart,
  'cramer-rao': monoChart,
  'standard-error': uncertaintyChart,
  'training-loss': lossChart,
};

/** Every file of the report by its path beside compression.json. A chart without figures is left out. */
export async function compressionReport(study) {
  const files = {};
  for (const [name, make] of Object.entries(charts)) {
    const spec = make(study);
    if (spec) files[chartFile(name)] = await renderSvg(spec);
  }
  const chart = (name, title) => (chartFile(name) in files ? `![${title}](${chartFile(name)})` : null);
  return { [PAGE]: page(study, chart), ...files };
}

const chartFile = (name) => `${CHART_FOLDER}/${name}.svg`;

function page(study, chart) {
  const text = paragraphs(
    '# Compression: teacher → Seq2SeqLite → 8 bit',
    '<!-- Generated from compression.json by scripts/compression-report.mjs. Do not edit. -->',
    introSection(study),
    summarySection(study),
    targetsSection(study),
    sizesSection(study),
    accuracySection(study, chart),
    distillationSection(study),
    quantizationSection(study, chart),
    classicalSection(study, chart),
    outputsSection(study),
    monoSection(study, chart),
    uncertaintySection(study, chart),
    recordingsSection(study),
    trainingSection(study, chart),
    againSection(),
  );
  return `${text}\n`;
}
