import { Command } from 'commander';
import { modelCalibrateCommand } from './model-calibrate.js';
import { modelEvaluateCommand } from './model-evaluate.js';
import { modelHlsCommand } from './model-hls.js';
import { modelPackageCommand } from './model-package.js';
import { modelShowCommand } from './model-show.js';
import { modelStudyCommand } from './model-study.js';
import { modelTrainCommand } from './model-train.js';

/** `flimd model …` */
export function modelCommand(): Command {
  return new Command('model')
    .description(
      'calibrate an instrument, train and compress a network for it, measure it, show what a package is, make an HLS core of it',
    )
    .addCommand(modelTrainCommand())
    .addCommand(modelCalibrateCommand())
    .addCommand(modelPackageCommand())
    .addCommand(modelStudyCommand())
    .addCommand(modelEvaluateCommand())
    .addCommand(modelShowCommand())
    .addCommand(modelHlsCommand())
    .addHelpText(
      'after',
      `
Examples:
  flimd model show models/cells-12.5ns-32
  flimd model calibrate --help
  flimd model train --help`,
    );
}
