import { Command } from 'commander';
import { modelShowCommand } from './model-show.js';
import { modelTrainCommand } from './model-train.js';

/** `flimd model …` */
export function modelCommand(): Command {
  return new Command('model')
    .description('train a network for an instrument; show what a model package is')
    .addCommand(modelTrainCommand())
    .addCommand(modelShowCommand())
    .addHelpText(
      'after',
      `
Examples:
  flimd model show models/cells-12.5ns-32
  flimd model train --help`,
    );
}
