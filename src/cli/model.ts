import { Command } from 'commander';
import { modelCalibrateCommand } from './model-calibrate.js';
import { modelShowCommand } from './model-show.js';
import { modelTrainCommand } from './model-train.js';

/** `flimd model …` */
export function modelCommand(): Command {
  return new Command('model')
    .description('calibrate an instrument, train a network for it, show what a model package is')
    .addCommand(modelTrainCommand())
    .addCommand(modelCalibrateCommand())
    .addCommand(modelShowCommand())
    .addHelpText(
      'after',
      `
Examples:
  flimd model show models/cells-12.5ns-32
  flimd model calibrate --help
  flimd model train --help`,
    );
}
