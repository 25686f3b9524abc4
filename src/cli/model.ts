import { Command } from 'commander';
import { modelShowCommand } from './model-show.js';
import { modelTrainCommand } from './model-train.js';

/** `flimd model …` */
export function modelCommand(): Command {
  return new Command('model')
    .description('train a network for an instrument; show what a model package is')
    .addCommand(modelTrainCommand())
    .addCommand(modelShowCommand());
}
