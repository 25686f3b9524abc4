// What was studied, on what, by which program; the words and figures the page uses.
import { table } from '../../generate/markdown.mjs';
import { countedNoun, list, paragraphs, whole } from '../format.mjs';

export function introSection(study) {
  const { at, flimd, node, simd, threads, seed, samples } = study.made;
  return paragraphs(
    study.description,
    `Made ${at.slice(0, 10)} by flimd ${flimd} (Node ${node}, ${simd}, ${countedNoun(threads, 'thread')}). Every figure and sentence below is computed from [compression.json](compression.json), which holds more digits and more figures.`,
    `Errors are those of the amplitude-weighted mean lifetime (tau_amp) unless said otherwise, over ${whole(study.pixels)} pixels drawn from the prior (seed ${seed}, none of the trainings') at each of ${list(study.photons.map(whole))} photons, the same for every network and estimator. *MAE* is the mean absolute error, *RMSE* the root mean square error, *bias* the mean error. The *Bayes limit* is the RMSE of the posterior mean of the same prior, the smallest any estimator can have on it; an RMSE a little below it is the scatter of a finite sample. It is computed with ${whole(samples)} decays that stand for the prior, which at thousands of photons leaves it a little too high.`,
    '*Scratch* is training on the true values alone, *KD* (knowledge distillation) also on what the teacher says. *PTQ* quantizes a trained float network after calibration, *QAT* trains with the rounding of [fixed-point.md](fixed-point.md). The *live path* is encoder and head; the decoder is optional at run time.',
    priorTable(study.prior),
  );
}

function priorTable(prior) {
  const entries = Object.entries(prior);
  if (entries.length === 0) return null;
  return table(
    ['prior', ''],
    entries.map(([name, value]) => [`\`${name}\``, priorValue(value)]),
  );
}

function priorValue(value) {
  if (value !== null && typeof value === 'object') return `\`${JSON.stringify(value)}\``;
  return String(value);
}

export function targetsSection(study) {
  if (study.targets.length === 0) return null;
  return paragraphs(
    '## Targets',
    table(
      ['', 'target', 'measured', ''],
      study.targets.map(({ name, target, measured, met }) => [
        name,
        target,
        measured,
        met ? 'met' : '**missed**',
      ]),
    ),
  );
}
