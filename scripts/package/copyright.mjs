// Who owns what is in the package: flimd's licence, and those of the npm packages that come with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Compiled into the page of the viewer, so its folder is not installed. */
const insideViewer = ['uplot'];

/**
 * @param {string} checkout
 * @param {readonly string[]} installed paths of installed files, as seen from the checkout
 * @returns {string} the text of /usr/share/doc/flimd/copyright
 */
export function copyrightText(checkout, installed) {
  const folders = new Set(installed.map(packageFolder).filter((folder) => folder !== null));
  for (const name of insideViewer) folders.add(path.join('node_modules', name));
  /** @type {Map<string, string[]>} texts of licences, and the packages under each */
  const texts = new Map();
  for (const folder of [...folders].sort()) {
    const { title, text } = licenceOf(path.join(checkout, folder));
    texts.set(text, [...(texts.get(text) ?? []), title]);
  }
  return [
    'flimd, a daemon that runs a fluorescence-lifetime camera.\n',
    readFileSync(path.join(checkout, 'LICENSE'), 'utf8'),
    'The instrument response in /usr/lib/flimd/models/yeast-nadh is somebody else’s:\n',
    readFileSync(path.join(checkout, 'models/yeast-nadh/LICENSE-response.txt'), 'utf8'),
    'The package usb holds libusb, under the GNU Lesser General Public License 2.1 or later, which is in',
    '/usr/share/common-licenses/LGPL-2.1; its sources are part of that npm package.\n',
    'These npm packages come with flimd, whole or as a part of the page of the viewer:\n',
    ...[...texts].map(([text, titles]) => `${titles.map((title) => `  * ${title}`).join('\n')}\n\n${text}\n`),
  ].join('\n');
}

/**
 * @param {string} file
 * @returns {string | null} the innermost package that a file lies in
 */
function packageFolder(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
}

/** @param {string} folder */
function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text =
    file && existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), 'utf8') : '';
  return { title: `${name} ${version} (${license ?? 'see below'})`, text: indented(shortened(text.trim())) };
}

/**
 * Every Debian system has the Apache licence already: of a text that is all of it, what was filled in stays.
 * @param {string} text
 */
function shortened(text) {
  const end = 'END OF TERMS AND CONDITIONS';
  if (!/^\s*Apache License\s+Version 2\.0/.test(text) || !text.includes(end)) return text;
  const notice = /^ *Copyright [^[{\n]*$/m.exec(text.slice(text.indexOf(end)))?.[0].trim();
  const where = 'Apache License 2.0, which is in /usr/share/common-licenses/Apache-2.0.';
  return notice ? `${notice}\n${where}` : where;
}

/** @param {string} text */
const indented = (text) =>
  (text || 'As its package.json says; it brings no text of its own.')
    .replace(/^(?=.)/gm, '    ')
    .replaceAll('\r', '');
