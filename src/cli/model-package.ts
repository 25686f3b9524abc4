import { Command, Option } from 'commander';
import { required } from '../training/option-text.js';
import { accuracyLines } from './model-show.js';

const examples = `
A checkpoint of quantization-aware training has its weights already. Those of a float one (flimd model train --bits
float) are rounded, scales and biases chosen with 2,048 pixels of its prior: post-training quantization. Fine-tuning
(flimd model train --init) is better.

Examples:
  flimd model package stages/student/checkpoint.json --bits 8 --name mine
  flimd model package study/student-32-kd-qat8.json --name mine
`;

interface PackageFlags {
  name?: string;
  description: string;
  bits: '8' | '4';
  out?: string;
}

/** `flimd model package` */
export function modelPackageCommand(): Command {
  return new Command('package')
    .description('write the package of a checkpoint, quantized where it is not yet')
    .argument('<checkpoint>', 'of flimd model train --bits float, or of flimd model study')
    .addOption(
      new Option('--bits <bits>', 'of the weights of a float training').choices(['8', '4']).default('8'),
    )
    .option('--name <name>', 'name of the package')
    .option('--description <text>', 'what it is for, in a sentence', '')
    .option('--out <dir>', 'where the package goes (default: models/<name>)')
    .addHelpText('after', examples)
    .action(writePackage);
}

async function writePackage(file: string, flags: PackageFlags): Promise<void> {
  const name = required('--name', flags.name);
  const directory = flags.out ?? `models/${name}`;
  // TF.js takes a second to load: only here.
  const { readCheckpoint } = await import('../training/checkpoint.js');
  const { packageCheckpoint } = await import('../training/train-package.js');
  const checkpoint = await readCheckpoint(file);
  const precision = flags.bits === '8' ? 8 : 4;
  const made = await packageCheckpoint(directory, checkpoint, precision, {
    name,
    description: flags.description,
  });
  const lines = [`${made.name} (${made.hash.slice(0, 16)}) in ${directory}`, ...accuracyLines(made), ''];
  process.stdout.write(lines.join('\n'));
}
