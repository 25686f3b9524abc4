// What an installed flimd consists of. The Debian package and the guests of the tests are made from this one list.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';

/** Dependencies that only building, training and the viewer's page need. */
const leftOut = /^(@tensorflow\/|@types\/|typescript$|vite$|node-gyp$|node-addon-api$|uplot$)/;
/** Sources, notes and builds for other systems, in the packages and in the build. */
const needless = [
  /\.(map|d\.[cm]?ts|ts|md|markdown|o|cc?|h|d|gypi?|yml|yaml|tgz|tsbuildinfo)$/,
  /\/(test|tests|benchmarks?|examples?|docs|\.github|\.nyc_output|obj\.target|\.deps)\//,
  /\/(usb|bindings-cpp)\/(libusb|libusb_config|src)\//,
  /\/prebuilds\/(?!linux-)/,
  /\.musl\.node$/,
  /\/flimd_training\.node$/,
  /node_modules\/.*\.(html|png|ico|sh|txt)$/,
  /\/\./,
];

/**
 * A file of this machine, and where an installation has it.
 * @typedef {{ from: string, to: string }} InstalledFile
 */

/**
 * The build, the models, the benchmarks and the packages; `more` are further folders of the checkout, whole.
 * @param {string} checkout
 * @param {{ more?: readonly string[], arch?: string }} [options] `arch` as Node.js calls it: builds for others stay out
 * @returns {InstalledFile[]}
 */
export function installedFiles(checkout, { more = [], arch = process.arch } = {}) {
  const patterns = [...needless, new RegExp(`/prebuilds/linux-(?!${arch}/)`)];
  const needed = ({ to }) => !patterns.some((pattern) => pattern.test(to));
  const own = ['dist', 'models', 'build/Release'].flatMap((name) => filesIn(checkout, name));
  const packages = installedPackages(checkout).flatMap((name) =>
    filesIn(checkout, path.join('node_modules', name)),
  );
  return [
    ...own.filter(needed),
    // Whole: what measures beside flimd is compiled where it runs.
    ...filesIn(checkout, 'bench'),
    ...packages.filter(needed).filter(({ from }) => !isProgram(from)),
    ...more.flatMap((name) => filesIn(checkout, name)),
    { from: path.join(checkout, 'package.json'), to: 'package.json' },
  ];
}

/**
 * The packages of package.json and what these need, as folders in node_modules.
 * @param {string} checkout
 * @returns {string[]}
 */
export function installedPackages(checkout) {
  const modules = path.join(checkout, 'node_modules');
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {string} folder */
  const add = (folder) => {
    const { dependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      // One that lies inside the package that needs it comes with that.
      if (found.has(name) || leftOut.test(name) || !existsSync(path.join(modules, name))) continue;
      found.add(name);
      add(path.join(modules, name));
    }
  };
  add(checkout);
  return [...found];
}

/**
 * Begins with `#!`: nothing imports such a file, and flimd runs no programs of its packages.
 * @param {string} file
 */
function isProgram(file) {
  const fd = openSync(file);
  const begin = Buffer.alloc(2);
  readSync(fd, begin, 0, 2, 0);
  closeSync(fd);
  return begin.toString() === '#!';
}

/**
 * Files below a folder of the checkout, named as seen from there; links are not followed.
 * @param {string} checkout
 * @param {string} name
 * @returns {InstalledFile[]}
 */
function filesIn(checkout, name) {
  return readdirSync(path.join(checkout, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((from) => ({ from, to: path.relative(checkout, from) }));
}
