#!/usr/bin/env node
import { Command } from 'commander';
import { version } from '../version.js';
import { benchCommand } from './bench.js';
import { devicesCommand } from './devices.js';
import { exportCommand } from './export.js';
import { exitWith } from './failure.js';
import { inspectCommand } from './inspect.js';
import { modelCommand } from './model.js';
import { recordCommand } from './record.js';
import { serveCommand } from './serve.js';
import { simCommand } from './sim.js';
import { validateCommand } from './validate.js';

const program = new Command('flimd')
  .description('Live fluorescence-lifetime maps from an FPGA-backed SPAD camera')
  .version(version)
  .showHelpAfterError('(run with --help for usage and examples)')
  .addCommand(serveCommand())
  .addCommand(simCommand())
  .addCommand(recordCommand())
  .addCommand(inspectCommand())
  .addCommand(devicesCommand())
  .addCommand(validateCommand())
  .addCommand(modelCommand())
  .addCommand(exportCommand())
  .addCommand(benchCommand());

program.addHelpText(
  'after',
  `
Examples:
  flimd serve --camera sim:                      the built-in virtual camera and the live viewer
  flimd sim --listen tcp:127.0.0.1:9870          a virtual camera of its own …
  flimd serve --camera tcp:127.0.0.1:9870        … and a daemon that runs it
  flimd record --camera sim: --frames 100 --out cells.h5   an HDF5 file; flimd inspect cells.h5 tells what is in it
  flimd devices                                  cameras on USB and PCIe, and what keeps one from being used
  flimd validate --camera pcie:                  prove a camera against the host
  flimd model show models/cells-12.5ns-32        what a model package is
  flimd export run.h5                            a recording as OME-TIFF

Exit status: 0 done, 1 the work failed, 2 the command line or the configuration is not valid.`,
);

try {
  await program.parseAsync();
} catch (error) {
  exitWith(error, process.argv.includes('--json'));
}
